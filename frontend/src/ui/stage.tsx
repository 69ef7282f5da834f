// For tests: what a page stands in (theme, queries, addresses), without the app around it.
import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createMemoryHistory, createRootRoute, createRouter, RouterContextProvider } from "@tanstack/react-router";
import { type RenderResult, render } from "@testing-library/react";
import type { ReactNode } from "react";

/** An answer that the page already has: query key and data. */
export type Known = readonly [readonly string[], unknown];

/** Render as inside the app. Links work as links; nothing is fetched unless the component asks. */
export function renderOnStage(node: ReactNode, known: readonly Known[] = []): RenderResult & { client: QueryClient } {
  const client = new QueryClient({
    defaultOptions: { queries: { retry: false, staleTime: Number.POSITIVE_INFINITY } },
  });
  for (const [key, data] of known) client.setQueryData(key, data);
  const router = createRouter({ routeTree: createRootRoute(), history: createMemoryHistory() });
  const rendered = render(
    <MantineProvider env="test" defaultColorScheme="dark">
      <QueryClientProvider client={client}>
        <RouterContextProvider router={router as never}>{node}</RouterContextProvider>
      </QueryClientProvider>
    </MantineProvider>,
  );
  return { ...rendered, client };
}
