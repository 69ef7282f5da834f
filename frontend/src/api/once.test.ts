import { HttpResponse, http } from "msw";
import { setupServer } from "msw/node";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { isUncertain, Problem, Unreachable } from "./client";
import { KEPT_MS, writeOnce } from "./once";

const server = setupServer();
beforeAll(() => server.listen({ onUnhandledRequest: "error" }));
afterEach(() => {
  server.resetHandlers();
  vi.useRealTimers();
});
afterAll(() => server.close());

let keys: (string | null)[];
let wish: { body: { quantity: string } };
let orders = 0;
beforeEach(() => {
  keys = [];
  wish = { body: { quantity: `0.${++orders}` } };
});

/** The desk answers as told, one after the other; the last one again and again. */
const answers = (...given: (() => Response)[]) =>
  server.use(
    http.post("*/api/v1/orders/", ({ request }) => {
      keys.push(request.headers.get("Idempotency-Key"));
      return (given[Math.min(keys.length, given.length) - 1] as () => Response)();
    }),
  );
const lost = () => HttpResponse.error();
const made = () => HttpResponse.json({ id: "ord-1" });
const problem = (status: number, kind: string) => () =>
  HttpResponse.json({ type: `/problems/${kind}`, title: kind, status }, { status });
const send = () => writeOnce<{ id: string }>("/orders/", wish);

test("a button pressed twice sends one request and tells both the same", async () => {
  answers(made);
  expect(await Promise.all([send(), send()])).toEqual([{ id: "ord-1" }, { id: "ord-1" }]);
  expect(keys).toHaveLength(1);
});

test.each([
  ["no answer", lost],
  ["an answer that broke off", () => new HttpResponse('{"id": "or', { status: 201 })],
  ["a failure within the desk", problem(500, "internal")],
  ["an account that somebody else holds", problem(503, "busy")],
  ["a first request that still runs", problem(409, "still-running")],
])("after %s the same wish goes out with the same key", async (_, answer) => {
  answers(answer, made);
  await expect(send()).rejects.toThrow();
  await send();
  expect(keys[1]).toBe(keys[0]);
});

test("after an answer for good, a refusal too, the same wish is a new one", async () => {
  answers(problem(422, "risk-denied"), made);
  await expect(send()).rejects.toThrow();
  await send();
  await send();
  expect(new Set(keys).size).toBe(3);
});

test("another wish has another key, and a key is not kept for ever", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  answers(lost);
  await expect(send()).rejects.toThrow(Unreachable);
  await expect(writeOnce("/orders/", { ...wish, about: "another" })).rejects.toThrow();
  vi.setSystemTime(Date.now() + KEPT_MS);
  await expect(send()).rejects.toThrow();
  expect(new Set(keys).size).toBe(3);
});

test("only an answer tells that nothing was done", () => {
  const fault = (status: number, kind: string) => new Problem({ type: `/problems/${kind}`, title: kind, status });
  expect(isUncertain(new Unreachable())).toBe(true);
  expect(isUncertain(fault(500, "internal"))).toBe(true);
  expect([fault(503, "busy"), fault(422, "risk-denied"), fault(403, "forbidden")].some(isUncertain)).toBe(false);
});
