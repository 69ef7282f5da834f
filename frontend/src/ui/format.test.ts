import { expect, test } from "vitest";
import { age, dateTime, decimal, lots, percent, signedMoney, signOf, time } from "./format";

test.each([
  ["1234567.5", 2, "1,234,567.50"],
  ["0.005", 2, "0.01"],
  ["9.999", 2, "10.00"],
  ["-1.5", 0, "\u22122"],
  ["123456789012345678.125", 2, "123,456,789,012,345,678.13"],
  ["1E-7", 8, "0.00000010"],
  [null, 2, "–"],
])("%s with %i decimals is %s", (value, digits, text) => {
  expect(decimal(value, digits)).toBe(text);
});

test("profit and loss carry a sign, nothing carries none", () => {
  expect(signedMoney("12.3")).toBe("+12.30");
  expect(signedMoney("-12.3")).toBe("\u221212.30");
  expect(signedMoney("-0.001")).toBe("0.00");
});

test("lots lose their trailing noughts, not their size", () => {
  expect(["0.1000", "10", "1.00", "-0.30"].map((value) => lots(value))).toEqual(["0.1", "10", "1", "\u22120.3"]);
  expect(lots("0.3", true)).toBe("+0.3");
});

test("ratios become percent", () => {
  expect(percent(0.0123, 2, true)).toBe("+1.23 %");
  expect(percent(-0.00001)).toBe("0.00 %");
  expect(percent(null)).toBe("–");
});

test("the sign of a decimal string", () => {
  expect(["-0.00", "0", "-3", "0.01", null].map((value) => signOf(value))).toEqual([0, 0, -1, 1, 0]);
});

test("times are UTC whatever the browser's zone", () => {
  expect(time("2026-11-25T14:05:09.123Z")).toBe("14:05:09");
  expect(dateTime("2026-11-25T23:59:59-02:00")).toBe("26 Nov 01:59:59");
  expect(dateTime("nonsense")).toBe("–");
});

test("an age has one unit", () => {
  expect([4_200, 130_000, 7_300_000, 200_000_000].map(age)).toEqual(["4 s", "2 min", "2 h", "2 d"]);
});
