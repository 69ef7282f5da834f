import { expect, test } from "vitest";
import { Problem } from "./client";

const problem = (status: number, detail: string) =>
  new Problem({ type: "/problems/forbidden", title: "No", status, detail });

test("a token of an older login is told in plain words, and that nothing was done", () => {
  const fault = problem(403, "CSRF Failed: CSRF token from the 'X-Csrftoken' HTTP header incorrect.");
  expect(fault.isOldToken).toBe(true);
  expect(fault.message).toBe("The login was renewed in another tab, and nothing was done. Try again.");
});

test("any other refusal keeps the desk's own words", () => {
  const fault = problem(403, "You do not hold the right order.send on paper-1.");
  expect(fault.isOldToken).toBe(false);
  expect(fault.message).toBe("You do not hold the right order.send on paper-1.");
});
