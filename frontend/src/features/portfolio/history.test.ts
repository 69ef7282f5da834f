import { expect, test } from "vitest";
import { areApart, newestOf } from "./history";

const rows = (...ids: number[]) => ids.map((id) => ({ id }));

test("live rows stand over those of pages, each once", () => {
  expect(newestOf(rows(5, 4, 3), rows(4, 3, 2, 1))).toEqual(rows(5, 4, 3, 2, 1));
});

test("rows may be missing as soon as the newest that was read has left the live list", () => {
  expect(areApart(rows(5, 4, 3), rows(4, 3, 2))).toBe(false);
  expect(areApart(rows(9, 8, 7), rows(4, 3, 2))).toBe(true);
  expect(areApart(rows(9, 8, 2), rows(4, 3, 2))).toBe(true);
});

test("nothing is missing where one of the lists has not come or is empty", () => {
  expect(areApart(undefined, rows(1))).toBe(false);
  expect(areApart([], rows(1))).toBe(false);
  expect(areApart(rows(1), [])).toBe(false);
});
