import { screen } from "@testing-library/react";
import { expect, test } from "vitest";
import type { Account, Breaker } from "@/api/shapes";
import { show } from "../../../dev/render";
import { BreakerPill } from "./BreakerPill";

const account = (level: number) =>
  ({ slug: "acc-1", breaker: { level, level_name: "NORMAL", thresholds: [0.05, 0.1, 0.15] } }) as unknown as Account;
const breaker = (scope: string, level: number) => ({ scope, level, thresholds: [], cause: "" }) as unknown as Breaker;

test.each([
  [0, "0 Normal"],
  [1, "1 Warning"],
  [2, "2 Reducing"],
  [3, "3 Halted"],
])("level %i is told in words", (level, text) => {
  show(<BreakerPill account={account(level)} breakers={[]} />);
  expect(screen.getByText(text)).toBeTruthy();
});

test("a halted desk shows on every account, another account's breaker does not", () => {
  show(<BreakerPill account={account(0)} breakers={[breaker("desk", 3), breaker("account:other", 2)]} />);
  expect(screen.getByRole("button", { name: /level 3, Halted/ })).toBeTruthy();
});

test.each([undefined, account(0)])("not known is not normal, as long as the desk's own breaker is not", (known) => {
  show(<BreakerPill account={known} breakers={undefined} />);
  expect(screen.queryByText("0 Normal")).toBeNull();
});

test("an account that is known to be halted is told at once", () => {
  show(<BreakerPill account={account(3)} breakers={undefined} />);
  expect(screen.getByText("3 Halted")).toBeTruthy();
});
