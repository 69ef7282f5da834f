import { expect, test } from "vitest";
import { figure } from "./figures";

test("figures carry their unit", () => {
  expect(figure("1.0000", "lots")).toBe("1 lot");
  expect(figure("412300.5", "money", "USD")).toBe("412,300.50 USD");
  expect(figure("0.0123", "share")).toBe("1.23 %");
  expect(figure("3", "count")).toBe("3");
  expect(figure(null, "lots")).toBe("–");
});
