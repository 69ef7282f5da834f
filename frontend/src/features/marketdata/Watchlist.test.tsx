import { screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { renderOnStage } from "@/ui/stage";
import { Watchlist } from "./Watchlist";

const instruments = (count: number) =>
  Array.from({ length: count }, (_, place) => ({
    name: `SYM${place}`,
    digits: 5,
    tick_size: "0.00001",
    is_open: true,
  }));

test("a broker of many symbols takes no more channels than the desk serves", () => {
  renderOnStage(<Watchlist chosen={undefined} onChoose={() => {}} />, [[["instruments"], instruments(400)]]);
  expect(document.querySelectorAll("tbody tr")).toHaveLength(150);
  expect(screen.getByText("250 more: search for them.")).toBeTruthy();
});
