import { MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { MutationCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { Problem, whenLoggedOut } from "@/api/client";
import { forgetUser, sessionQuery } from "@/api/session";
import { router } from "./router";
import { theme } from "./theme";

export const queryClient = new QueryClient({
  mutationCache: new MutationCache({
    // Who logged in meanwhile may be somebody else: the page asks, and does not send again by itself.
    onError: (fault) => {
      if (fault instanceof Problem && fault.isOldToken)
        void queryClient.invalidateQueries({ queryKey: sessionQuery.queryKey });
    },
  }),
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      // A refusal will be a refusal again; only a desk that does not answer is worth asking twice.
      retry: (count, fault) => count < 2 && fault.name === "Unreachable",
    },
  },
});
whenLoggedOut(() => forgetUser(queryClient));

export function Providers() {
  return (
    <MantineProvider theme={theme} defaultColorScheme="dark">
      <QueryClientProvider client={queryClient}>
        <Notifications position="top-right" autoClose={5000} zIndex={400} />
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  );
}
