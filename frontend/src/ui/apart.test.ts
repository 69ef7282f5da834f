import { expect, test } from "vitest";
import { apartWords, type Compared, isFloor, tightest } from "./apart";

const check = (part: Partial<Compared>): Compared => ({
  check: "gross_account",
  passed: true,
  reason: "",
  value: "1310000",
  limit: "1250000",
  unit: "money",
  ...part,
});

test.each([
  [{ passed: false, reason: "gross" }, "60,000.00 USD over"],
  [{ value: "1010000" }, "240,000.00 USD left"],
  [
    { check: "free_margin_account", passed: false, reason: "min_free_margin", value: "-5", limit: "20" },
    "25.00 USD short",
  ],
  [{ check: "position_source", value: "4.5", limit: "5", unit: "lots" }, "0.5 lots left"],
  [{ check: "gross_desk", passed: false, reason: "gross" }, "60,000.00 over"],
  [{ check: "steps", passed: false, reason: "lot_step", value: "0.015", limit: "0.01", unit: "lots" }, ""],
  [{ value: null }, ""],
])("%o is %s", (part, words) => {
  expect(apartWords(check(part), "USD")).toBe(words);
});

test("a distance is exact where floats are not", () => {
  expect(apartWords(check({ passed: false, reason: "position", value: "0.3", limit: "0.1", unit: "lots" }), "")).toBe(
    "0.2 lots over",
  );
});

test("a floor is told from a ceiling, in old reviews too", () => {
  expect(isFloor(check({ check: "free_margin_account" }))).toBe(true);
  expect(isFloor(check({ check: "margin_account", value: "62000", limit: "19700" }))).toBe(true);
  expect(isFloor(check({ check: "margin_account", value: "100", limit: "19700" }))).toBe(false);
});

test("the least room is that of what stands from order to order, not of one order's own bounds", () => {
  const found = tightest([
    check({ check: "order_size_account", value: "5", limit: "5" }),
    check({ check: "gross_account", value: "10", limit: "100" }),
    check({ check: "position_account", value: "9", limit: "10" }),
    check({ check: "net_account", value: "11", limit: "10", passed: false }),
  ]);
  expect(found?.check).toBe("position_account");
});
