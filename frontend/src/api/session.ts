// Who is logged in, and what they may do here.
import { type QueryClient, queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { read, setCsrfToken, write } from "./client";
import type { Session } from "./shapes";

/** A session that the server no longer knows keeps its user and rights: the page stands as it was, below the login. */
export interface KnownSession extends Session {
  isExpired?: boolean;
}

const KEY = ["session"] as const;

export const sessionQuery = queryOptions({
  queryKey: KEY,
  queryFn: async ({ client, signal }): Promise<KnownSession> =>
    received(client, await read<Session>("/session/", { signal })),
  staleTime: 60_000,
  refetchInterval: 120_000,
});

/** What a page is to know after the server said who is there. */
function received(client: QueryClient, now: Session): KnownSession {
  setCsrfToken(now.csrf_token);
  const old = client.getQueryData<KnownSession>(KEY);
  if (!old?.user) return now;
  if (!now.user) return { ...old, csrf_token: now.csrf_token, isExpired: true };
  const others = { predicate: ({ queryKey }: { queryKey: readonly unknown[] }) => queryKey[0] !== KEY[0] };
  // What one person was shown is not for the next one at the same screen.
  if (old.user.id !== now.user.id) client.removeQueries(others);
  else if (old.isExpired) void client.invalidateQueries(others);
  return now;
}

export function isSignedIn(session: KnownSession | undefined): boolean {
  return Boolean(session?.user) && !session?.isExpired;
}

export function useSession(): KnownSession | undefined {
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
  // Rights on an object come as the same names as rights at large.
  if (on.account) return session.accounts.some((one) => one.slug === on.account && one.rights.includes(right));
  if (on.agent) return session.agents_rights[on.agent]?.includes(right) ?? false;
  return true;
}

export function useLogin() {
  const client = useQueryClient();
  return useMutation({
    // An answer that was asked for before the login would take it back.
    onMutate: () => client.cancelQueries({ queryKey: KEY }),
    mutationFn: async (who: { username: string; password: string }) =>
      received(client, await write<Session>("/session/", { body: who })),
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

/** The server no longer knows who asks: the page keeps what it shows and asks for a login, unless one came meanwhile. */
export function forgetUser(client: QueryClient): void {
  if (!isSignedIn(client.getQueryData<KnownSession>(KEY))) return;
  client.setQueryData(sessionQuery.queryKey, (old) => old && { ...old, isExpired: true });
  void client.invalidateQueries({ queryKey: KEY });
}
