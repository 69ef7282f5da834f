import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { setupServer } from "msw/node";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { show } from "../../../dev/render";
import { HaltDialog } from "./HaltDialog";

const server = setupServer();
beforeAll(() => server.listen({ onUnhandledRequest: "error" }));
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

const dialog = (isFresh: boolean, onClose = vi.fn()) => {
  show(<HaltDialog isOpen onClose={onClose} account={{ slug: "acc-1", name: "Paper 1" }} isFresh={isFresh} />);
  return {
    onClose,
    act: userEvent.setup(),
    go: screen.getByRole<HTMLButtonElement>("button", { name: "Halt trading now" }),
  };
};

test("only a reason and the whole word HALT arm the button", async () => {
  const { act, go } = dialog(true);
  await act.type(screen.getByLabelText(/Type HALT/), "halt");
  await act.type(screen.getByLabelText(/Reason/), "prices look wrong");
  expect(go.disabled).toBe(true);
  await act.clear(screen.getByLabelText(/Type HALT/));
  await act.type(screen.getByLabelText(/Type HALT/), "HALT");
  expect(go.disabled).toBe(false);
});

test("an old login needs the password too", async () => {
  const { act, go } = dialog(false);
  await act.type(screen.getByLabelText(/Reason/), "prices look wrong");
  await act.type(screen.getByLabelText(/Type HALT/), "HALT");
  expect(go.disabled).toBe(true);
  await act.type(screen.getByLabelText(/Your password/), "secret");
  expect(go.disabled).toBe(false);
});

test("sends scope, reason and word once, with a key, and closes", async () => {
  const asked: { body: unknown; key: string | null }[] = [];
  server.use(
    http.post("*/api/v1/risk/halt/", async ({ request }) => {
      asked.push({ body: await request.json(), key: request.headers.get("Idempotency-Key") });
      return HttpResponse.json({ scope: "desk", level: 3 });
    }),
  );
  const { act, go, onClose } = dialog(true);
  await act.type(screen.getByLabelText(/Reason/), "prices look wrong");
  await act.type(screen.getByLabelText(/Type HALT/), "HALT");
  await act.click(go);
  await waitFor(() => expect(onClose).toHaveBeenCalled());
  expect(asked).toHaveLength(1);
  expect(asked[0]?.body).toEqual({ scope: "desk", reason: "prices look wrong", word: "HALT" });
  expect(asked[0]?.key).toBeTruthy();
});

test("a refusal stays in the dialog, in the desk's words", async () => {
  server.use(
    http.post("*/api/v1/risk/halt/", () =>
      HttpResponse.json(
        { type: "/problems/forbidden", title: "Forbidden", status: 403, detail: "The password is wrong." },
        { status: 403 },
      ),
    ),
  );
  const { act, go, onClose } = dialog(true);
  await act.type(screen.getByLabelText(/Reason/), "prices look wrong");
  await act.type(screen.getByLabelText(/Type HALT/), "HALT");
  await act.click(go);
  expect(await screen.findByText("The password is wrong.")).toBeTruthy();
  expect(onClose).not.toHaveBeenCalled();
});

test("a reason that the desk would refuse as too short does not arm the button, and the dialog says what is missing", async () => {
  const { act, go } = dialog(true);
  await act.type(screen.getByLabelText(/Type HALT/), "HALT");
  await act.type(screen.getByLabelText(/Reason/), "prices!");
  expect(go.disabled).toBe(true);
  expect(screen.getByRole("status").textContent).toBe("Still needed: a reason of 8 characters.");
});

test("a password that has grown old meanwhile is asked for, and the halt goes on", async () => {
  server.use(
    http.post("*/api/v1/risk/halt/", async ({ request }) =>
      ((await request.json()) as { password?: string }).password === "secret"
        ? HttpResponse.json({ scope: "desk", level: 3 })
        : HttpResponse.json({ type: "/problems/password-needed", title: "Prove it", status: 403 }, { status: 403 }),
    ),
  );
  const { act, go, onClose } = dialog(true);
  await act.type(screen.getByLabelText(/Reason/), "prices look wrong");
  await act.type(screen.getByLabelText(/Type HALT/), "HALT");
  await act.click(go);
  await act.type(await screen.findByLabelText(/Your password/), "secret");
  await act.click(go);
  await waitFor(() => expect(onClose).toHaveBeenCalled());
});

test("no answer is not called a halt that failed", async () => {
  server.use(http.post("*/api/v1/risk/halt/", () => HttpResponse.error()));
  const { act, go } = dialog(true);
  await act.type(screen.getByLabelText(/Reason/), "prices look wrong");
  await act.type(screen.getByLabelText(/Type HALT/), "HALT");
  await act.click(go);
  expect(await screen.findByText("It is not known whether trading was halted")).toBeTruthy();
});
