import { expect, test } from "vitest";
import { check } from "./cast";
import { grouped, measure, usedShare } from "./checks";

test("checks stand in groups; a group counts its failures, an unknown check is never lost", () => {
  const groups = grouped([check("numbers"), check("gross_account", { passed: false }), check("something_new")]);
  expect(groups.map(({ title, failed }) => [title, failed])).toEqual([
    ["The order itself", 0],
    ["Limits", 1],
    ["Other checks", 0],
  ]);
});

test("a value under its ceiling fills its part of the bar", () => {
  expect(measure(check("position_account", { value: "5", limit: "20" }))).toEqual({
    fill: 0.25,
    mark: 1,
    isFloor: false,
  });
});

test("a value over its ceiling passes the mark, and stays on the bar", () => {
  const bar = measure(check("gross_account", { passed: false, value: "200", limit: "100" }));
  expect(bar?.fill).toBeGreaterThan(bar?.mark ?? 1);
  expect(bar?.fill).toBeLessThanOrEqual(1);
});

test("free margin is a floor: less than the limit falls short of the mark", () => {
  const bar = measure(check("free_margin_account", { passed: false, value: "50", limit: "100" }));
  expect(bar).toEqual({ fill: 0.5, mark: 1, isFloor: true });
});

test("a net short counts by its size", () => {
  expect(measure(check("net_account", { value: "-50", limit: "100" }))?.fill).toBe(0.5);
  expect(usedShare(check("net_account", { value: "-50", limit: "100" }))).toBe("50 % used");
});

test("nothing is measured where there is no figure", () => {
  expect(measure(check("numbers"))).toBeNull();
  expect(measure(check("lot_limits", { value: "1", limit: "x" }))).toBeNull();
  expect(measure(check("position_account", { value: "0", limit: "0" }))).toEqual({ fill: 0, mark: 1, isFloor: false });
  expect(usedShare(check("position_account", { value: "1", limit: "0" }))).toBe("");
  expect(usedShare(check("position_account", { value: "1", limit: "200" }))).toBe("<1 % used");
});
