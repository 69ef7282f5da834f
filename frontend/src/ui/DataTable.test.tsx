import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { expect, test, vi } from "vitest";
import { DataTable } from "./DataTable";
import { renderOnStage } from "./stage";

const COLUMNS = [{ header: "Name", accessorKey: "name" }];

function Growing({ onEnd }: { onEnd: () => void }) {
  const [count, setCount] = useState(3);
  const [, setDraws] = useState(0);
  const rows = Array.from({ length: count }, (_, place) => ({ name: `row ${place}` }));
  return (
    <>
      <button type="button" onClick={() => setDraws((draws) => draws + 1)}>
        draw
      </button>
      <button type="button" onClick={() => setCount(5)}>
        grow
      </button>
      <DataTable rows={rows} columns={COLUMNS} rowKey={({ name }) => name} label="Names" onEnd={onEnd} />
    </>
  );
}

test("the end asks for more once for the rows that are there, not each time the table is drawn", async () => {
  const onEnd = vi.fn();
  renderOnStage(<Growing onEnd={onEnd} />);
  expect(onEnd).toHaveBeenCalledTimes(1);
  await userEvent.click(screen.getByText("draw"));
  expect(onEnd).toHaveBeenCalledTimes(1);
  await userEvent.click(screen.getByText("grow"));
  expect(onEnd).toHaveBeenCalledTimes(2);
});
