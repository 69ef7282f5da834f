// Who is logged in, and what they may do here.
import { type QueryClient, queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { read, setCsrfToken, write } from "./client";
import type { Session } from "./shapes";

export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: async ({ signal }) => keep(await read<Session>("/session/", { signal })),
  staleTime: 60_000,
  refetchInterval: 120_000,
});

function keep(session: Session): Session {
  setCsrfToken(session.csrf_token);
  return session;
}

export function useSession(): Session | undefined {
  return useQuery(sessionQuery).data;
}

/** May the person at the desk do `right`, on this account or agent where one is named? */
export function useMay(right: string, on: { account?: string; agent?: string } = {}): boolean {
  return may(useSession(), right, on);
}

export function may(
  session: Session | undefined,
  right: string,
  on: { account?: string; agent?: string } = {},
): boolean {
  if (!session?.user || !session.rights.includes(right)) return false;
  if (on.account) return session.accounts.some((one) => one.slug === on.account && holds(one.rights, right));
  if (on.agent) return holds(session.agents_rights[on.agent] ?? [], right);
  return true;
}

/** Rights on an object come as the same names as rights at large. */
function holds(rights: string[], right: string): boolean {
  return rights.includes(right);
}

export function useLogin() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (who: { username: string; password: string }) =>
      keep(await write<Session>("/session/", { body: who })),
    onSuccess: (session) => client.setQueryData(sessionQuery.queryKey, session),
  });
}

export function useLogout() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => write<void>("/session/", { method: "DELETE" }),
    onSuccess: () => {
      client.clear();
      window.location.assign("/login");
    },
  });
}

/** The server no longer knows who asks: the page keeps what it shows and asks for a login. */
export function forgetUser(client: QueryClient): void {
  client.setQueryData(sessionQuery.queryKey, (old: Session | undefined) => (old ? { ...old, user: null } : old));
}
