import { QueryClient } from "@tanstack/react-query";
import { HttpResponse, http } from "msw";
import { setupServer } from "msw/node";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { forgetUser, isSignedIn, type KnownSession, may, sessionQuery } from "./session";

const server = setupServer();
beforeAll(() => server.listen({ onUnhandledRequest: "error" }));
afterAll(() => server.close());

const TRADER = {
  user: { id: 2, username: "trader" },
  rights: ["order.send"],
  accounts: [{ slug: "paper-1", name: "Paper", currency: "USD", rights: ["order.send"] }],
  agents_rights: {},
  csrf_token: "one",
};
const NOBODY = { user: null, rights: [], accounts: [], agents_rights: {}, csrf_token: "two" };
let client: QueryClient;
let said: object;

beforeEach(() => {
  client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  client.setQueryData(["orders", "paper-1"], "what the trader saw");
  server.use(http.get("*/api/v1/session/", () => HttpResponse.json(said)));
});

/** The desk says who is there. */
const ask = async (who: object): Promise<KnownSession> => {
  said = who;
  return client.fetchQuery({ ...sessionQuery, staleTime: 0 });
};
const seen = () => client.getQueryData(["orders", "paper-1"]);

test("a session that has ended keeps its user, rights and accounts: what is typed below them stays", async () => {
  await ask(TRADER);
  const session = await ask(NOBODY);
  expect(isSignedIn(session)).toBe(false);
  expect(may(session, "order.send", { account: "paper-1" })).toBe(true);
  expect(session).toMatchObject({ user: { username: "trader" }, csrf_token: "two" });
});

test("who was never in is nobody", async () => {
  expect(await ask(NOBODY)).toMatchObject({ user: null });
});

test("the same person back at the desk reads everything again and loses nothing", async () => {
  await ask(TRADER);
  await ask(NOBODY);
  expect(isSignedIn(await ask(TRADER))).toBe(true);
  expect(seen()).toBe("what the trader saw");
  expect(client.getQueryState(["orders", "paper-1"])?.isInvalidated).toBe(true);
});

test("another person sees nothing of what the one before was shown", async () => {
  await ask(TRADER);
  await ask({ ...TRADER, user: { id: 3, username: "viewer" } });
  expect(seen()).toBeUndefined();
});

test("a refusal asks the desk at once: it may be of a request from before the login", async () => {
  await ask(TRADER);
  forgetUser(client);
  expect(isSignedIn(client.getQueryData(sessionQuery.queryKey))).toBe(false);
  expect(client.getQueryState(sessionQuery.queryKey)?.isInvalidated).toBe(true);
  expect(isSignedIn(await ask(TRADER))).toBe(true);
});
