import { expect, test } from "vitest";
import { add, clean, compare, isMultiple, stepped } from "./decimals";

test("sums are exact where floats are not", () => {
  expect(add("0.1", "0.2")).toBe("0.3");
  expect(add("1.10000", "-0.00001")).toBe("1.09999");
});

test("steps land on the grid and keep its decimals", () => {
  expect(stepped("0.29", "0.01", 1)).toBe("0.30");
  expect(stepped("1.08415", "0.00001", -1)).toBe("1.08414");
  expect(stepped("0.295", "0.01", 1)).toBe("0.30");
  expect(stepped("", "0.01", 1)).toBe("0.01");
});

test("multiples of a step are found exactly", () => {
  expect(isMultiple("0.3", "0.01")).toBe(true);
  expect(isMultiple("0.305", "0.01")).toBe(false);
  expect(isMultiple("1.084150", "0.00001")).toBe(true);
});

test("compares across decimals, refuses what is no number", () => {
  expect(compare("1.10", "1.1")).toBe(0);
  expect(compare("-2", "1")).toBe(-1);
  expect(compare("abc", "1")).toBeNull();
  expect(clean(" 0,10 ")).toBe("0.10");
  expect(clean("1.2.3")).toBeNull();
});
