import { expect, test } from "vitest";
import { checkName } from "./checkNames";

test("checks are named with their scope", () => {
  expect(checkName("position_account")).toBe("Position, account");
  expect(checkName("open_orders_source")).toBe("Open orders, source");
  expect(checkName("own_account")).toBe("Own account");
  expect(checkName("something_new")).toBe("something new");
});
