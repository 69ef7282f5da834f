import { screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { Answered } from "./States";
import { renderOnStage } from "./stage";

const show = (part: { data?: string; error?: unknown }) =>
  renderOnStage(
    <Answered query={{ data: undefined, error: null, isPending: false, ...part }} what="seeing this">
      {(data) => <p>{data}</p>}
    </Answered>,
  );

test.each([403, 404])("what was shown goes when the desk answers %i: the right to it was taken away", (status) => {
  show({ data: "secret", error: { status } });
  expect(screen.getByText("No permission")).toBeTruthy();
  expect(screen.queryByText("secret")).toBeNull();
});

test.each([401, 500])("what was shown stays when the desk answers %i", (status) => {
  show({ data: "as before", error: { status } });
  expect(screen.getByText("as before")).toBeTruthy();
});
