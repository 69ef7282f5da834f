import { expect, test } from "vitest";
import type { OrderWish, Preview } from "@/api/shapes";
import { shareOf } from "@/ui/decimals";
import { percentFault } from "@/ui/terms";
import { checksOf, lessWords, shareAtStop, sizeOf } from "./sized";

const WISH = { risk_share: "0.02" } as OrderWish;
const check = (name: string, passed: boolean, unit = "") =>
  ({ check: name, passed, unit }) as Preview["checks"][number];
const preview = (part: Partial<Preview>) => ({ would: "deny", quantity: "0.42", checks: [], ...part }) as Preview;

test.each([
  ["1", "0.01"],
  ["0,75", "0.0075"],
  ["100", "1"],
  ["2.50", "0.025"],
  ["x", null],
])("%s per cent is the share %s, exactly", (percent, share) => {
  expect(shareOf(percent)).toBe(share);
});

test.each([
  ["", "Enter a percentage"],
  ["0", "Above zero"],
  ["100.1", "At most 100 %"],
  ["0.00001", "At most 4 decimals"],
  ["0.5", null],
])("a percentage %j: %s", (text, fault) => {
  expect(percentFault(text)).toBe(fault);
});

test("an order that another check denies keeps its size; one that got none has none", () => {
  expect(sizeOf(preview({ checks: [check("gross_account", false)] }), WISH, "50")).toBe("0.42");
  expect(sizeOf(preview({ checks: [check("sizing", false)] }), WISH, "50")).toBeNull();
  // A breaker denies before anything is sized: the quantity is the most of one order.
  expect(sizeOf(preview({ quantity: "50", checks: [check("breaker_desk", false)] }), WISH, "50")).toBeNull();
});

test("without a size the checks that look at it are not shown", () => {
  const checks = [check("gross_account", false, "money"), check("good_quote", false), check("sizing", false, "lots")];
  expect(checksOf(preview({ checks }), null).map((one) => one.check)).toEqual(["sizing", "good_quote"]);
  expect(checksOf(preview({ checks }), "0.42")).toBe(checks);
});

test("less at risk than was asked for is said, a rounded step is not", () => {
  expect(lessWords(WISH, shareAtStop("1000", "100000"))).toContain("1.00 % of equity, less than the 2 % asked for");
  expect(lessWords(WISH, shareAtStop("1950", "100000"))).toBe("");
  expect(lessWords(WISH, shareAtStop(null, "100000"))).toBe("");
});
