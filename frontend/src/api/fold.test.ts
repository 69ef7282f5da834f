import { expect, test } from "vitest";
import { fold } from "./fold";

test("a list channel takes a new row first and an old one in its place", () => {
  const data = { items: [{ id: 1, x: "a" }] };
  expect(fold("fills:acc", data, { id: 2, x: "b" })).toEqual({
    items: [
      { id: 2, x: "b" },
      { id: 1, x: "a" },
    ],
  });
  expect(fold("fills:acc", data, { id: 1, x: "c" })).toEqual({ items: [{ id: 1, x: "c" }] });
});

test("positions come whole", () => {
  expect(fold("positions:acc", { items: [{ id: 1 }] }, { items: [] })).toEqual({ items: [] });
});

test("a breaker is known by its scope, an agent by its slug", () => {
  expect(fold("breakers", { items: [{ scope: "desk", level: 0 }] }, { scope: "desk", level: 3 })).toEqual({
    items: [{ scope: "desk", level: 3 }],
  });
  expect(fold("agents", { items: [{ slug: "a" }] }, { slug: "b" })).toEqual({ items: [{ slug: "b" }, { slug: "a" }] });
});

test("closed bars are added; one told again takes its place", () => {
  const first = [60, "1", "1", "1", "1", 1, "0"];
  const second = [120, "2", "2", "2", "2", 1, "0"];
  const data = fold("bars:EURUSD:1m", { digits: 5, bars: [first] }, second);
  expect(data).toEqual({ digits: 5, bars: [first, second] });
  expect(fold("bars:EURUSD:1m", data, second)).toEqual(data);
});

test("one body is the latest body", () => {
  expect(fold("account:acc", { equity: "1" }, { equity: "2" })).toEqual({ equity: "2" });
});

test("an order that may still trade is not dropped for five hundred others", () => {
  let data: unknown = { items: [{ id: "waits", status: "accepted" }] };
  for (let id = 0; id < 600; id++) data = fold("orders:acc", data, { id, status: "filled" });
  const { items } = data as { items: { id: unknown }[] };
  expect(items).toHaveLength(501);
  expect(items.at(-1)?.id).toBe("waits");
});
