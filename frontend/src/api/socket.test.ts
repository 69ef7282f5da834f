import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { isSendingBlocked, staleness, useLive } from "./live";
import {
  AGAIN_MS,
  COMMIT_MS,
  DeskSocket,
  LINGER_MS,
  OPENING_MS,
  PING_MS,
  QUIET_MS,
  retryAfter,
  SILENCE_MS,
  STEADY_MS,
} from "./socket";
import type { Wire } from "./wire";

class FakeWire implements Wire {
  onopen = null;
  onmessage: Wire["onmessage"] = null;
  onclose: Wire["onclose"] = null;
  sent: { op: string; id: number; ch?: string[]; since?: Record<string, unknown> }[] = [];
  isClosed = false;
  send(text: string) {
    this.sent.push(JSON.parse(text));
  }
  close() {
    this.isClosed = true;
  }
  tell(frame: object) {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }
}

const ORDERS = "orders:acc-1";
let wires: FakeWire[];
let socket: DeskSocket;
const onLoggedOut = vi.fn();
const wire = () => wires.at(-1) as FakeWire;
const commit = () => vi.advanceTimersByTime(COMMIT_MS);
const channel = (name = ORDERS) => useLive.getState().channels[name];
const snap = (seq: number, items: object[], epoch = "e1", ch = ORDERS) =>
  wire().tell({ t: "snap", ch, epoch, seq, data: { items } });
const update = (seq: number, data: object, epoch = "e1", ch = ORDERS) =>
  wire().tell({ t: "upd", ch, epoch, seq, data });
const subs = () => wire().sent.filter(({ op }) => op === "sub");

beforeEach(() => {
  vi.useFakeTimers();
  wires = [];
  onLoggedOut.mockReset();
  socket = new DeskSocket({
    open: () => {
      wires.push(new FakeWire());
      return wire();
    },
    random: () => 0,
    onLoggedOut,
  });
  socket.start();
});
afterEach(() => {
  socket.stop();
  vi.useRealTimers();
});

test("subscribes what is held once the server has said welcome", () => {
  socket.hold(ORDERS);
  expect(wire().sent).toEqual([]);
  wire().tell({ t: "welcome" });
  expect(subs()[0]?.ch).toEqual([ORDERS]);
});

test("a snapshot, then updates that follow it one by one", () => {
  socket.hold(ORDERS);
  wire().tell({ t: "welcome" });
  snap(7, [{ id: "a", status: "sending" }]);
  update(8, { id: "a", status: "filled" });
  update(9, { id: "b", status: "sending" });
  commit();
  expect(channel()?.data).toEqual({
    items: [
      { id: "b", status: "sending" },
      { id: "a", status: "filled" },
    ],
  });
});

test("many frames between two commits make one change of the store", () => {
  socket.hold("quotes:EURUSD");
  wire().tell({ t: "welcome" });
  commit();
  const changes = vi.fn();
  const off = useLive.subscribe(changes);
  wire().tell({ t: "snap", ch: "quotes:EURUSD", epoch: "e1", seq: 0, data: { bid: "1" } });
  for (let seq = 1; seq <= 50; seq++) update(seq, { bid: String(seq) }, "e1", "quotes:EURUSD");
  expect(changes).not.toHaveBeenCalled();
  commit();
  off();
  expect(changes).toHaveBeenCalledTimes(1);
  expect(channel("quotes:EURUSD")?.data).toEqual({ bid: "50" });
});

test("a jump in seq drops what is shown and subscribes again", () => {
  socket.hold(ORDERS);
  wire().tell({ t: "welcome" });
  snap(1, [{ id: "a" }]);
  update(3, { id: "c" });
  commit();
  expect(channel()).toMatchObject({ state: "waiting", data: undefined });
  expect(subs()).toHaveLength(2);
  snap(3, [{ id: "c" }, { id: "b" }, { id: "a" }]);
  commit();
  expect(channel()).toMatchObject({ state: "live", seq: 3 });
});

test("a latest value stays in sight until the snapshot that follows a gap", () => {
  const positions = "positions:acc-1";
  socket.hold(positions);
  wire().tell({ t: "welcome" });
  snap(1, [{ id: "a" }], "e1", positions);
  update(3, { items: [] }, "e1", positions);
  commit();
  expect(channel(positions)).toMatchObject({ state: "waiting", data: { items: [{ id: "a" }] } });
});

test("a new epoch is a gap, whatever its seq", () => {
  socket.hold(ORDERS);
  wire().tell({ t: "welcome" });
  snap(1, [{ id: "a" }]);
  update(2, { id: "b" }, "e2");
  commit();
  expect(channel()?.state).toBe("waiting");
});

test("an update told twice changes nothing", () => {
  socket.hold(ORDERS);
  wire().tell({ t: "welcome" });
  snap(5, [{ id: "a" }]);
  update(5, { id: "z" });
  commit();
  expect(channel()?.data).toEqual({ items: [{ id: "a" }] });
});

test("a revoked channel shows no permission and forgets its data", () => {
  socket.hold(ORDERS);
  wire().tell({ t: "welcome" });
  snap(1, [{ id: "a" }]);
  wire().tell({ t: "revoked", ch: ORDERS, reason: "forbidden" });
  update(2, { id: "b" });
  commit();
  expect(channel()).toMatchObject({ state: "forbidden", data: undefined });
});

test("a refused subscription is told by its problem", () => {
  socket.hold(ORDERS);
  wire().tell({ t: "welcome" });
  const id = subs()[0]?.id;
  wire().tell({ t: "err", id, ch: [ORDERS], problem: { status: 403, title: "Forbidden", detail: "No right" } });
  commit();
  expect(channel()).toMatchObject({ state: "forbidden", problem: "No right" });
});

test("a lost link is opened again, later each time, and asks from where it was", () => {
  socket.hold(ORDERS);
  wire().tell({ t: "welcome" });
  snap(4, [{ id: "a" }]);
  commit();
  wire().onclose?.({ code: 1006 });
  commit();
  expect(useLive.getState().link).toMatchObject({ state: "reconnecting" });
  expect(channel()?.data).toEqual({ items: [{ id: "a" }] });
  vi.advanceTimersByTime(500);
  expect(wires).toHaveLength(2);
  wire().onclose?.({ code: 1006 });
  vi.advanceTimersByTime(999);
  expect(wires).toHaveLength(2);
  vi.advanceTimersByTime(1);
  wire().tell({ t: "welcome" });
  commit();
  expect(useLive.getState().link).toMatchObject({ state: "live", downSince: null });
  expect(subs()[0]?.since).toEqual({ [ORDERS]: { epoch: "e1", seq: 4 } });
});

test("a connection that breaks off at once is a failed attempt, one that was steady is not", () => {
  const breaks = (after_ms: number) => {
    wire().tell({ t: "welcome" });
    vi.advanceTimersByTime(after_ms);
    wire().onclose?.({ code: 4429 });
    const known = wires.length;
    vi.advanceTimersByTime(500);
    return wires.length > known;
  };
  expect(breaks(100)).toBe(true);
  expect(breaks(100)).toBe(false);
  vi.advanceTimersByTime(1000);
  expect(breaks(STEADY_MS)).toBe(true);
});

test("a connection that does not open is given up for another", () => {
  vi.advanceTimersByTime(OPENING_MS + 2000);
  expect(wires[0]?.isClosed).toBe(true);
  vi.advanceTimersByTime(1000);
  expect(wires).toHaveLength(2);
});

test("who may not listen is told so, and asks seldom", () => {
  wire().onclose?.({ code: 4403 });
  commit();
  expect(useLive.getState().link.state).toBe("refused");
  vi.advanceTimersByTime(14_000);
  expect(wires).toHaveLength(1);
});

test("a part of the desk that could not answer is asked again", async () => {
  socket.hold(ORDERS);
  wire().tell({ t: "welcome" });
  wire().tell({ t: "err", id: subs()[0]?.id, problem: { status: 503, title: "A part of the desk does not answer" } });
  commit();
  expect(channel()?.state).toBe("failed");
  vi.advanceTimersByTime(AGAIN_MS);
  await Promise.resolve();
  expect(subs().map(({ ch }) => ch)).toEqual([[ORDERS], [ORDERS]]);
  snap(1, [{ id: "a" }]);
  commit();
  expect(channel()?.state).toBe("live");
});

test("waits double from half a second to fifteen, less by chance", () => {
  expect([0, 1, 2, 5, 9].map((attempt) => retryAfter(attempt, 0))).toEqual([500, 1000, 2000, 15_000, 15_000]);
  expect(retryAfter(1, 1)).toBe(500);
});

test("speaks every 20 s, and takes 40 s of silence for a lost link", () => {
  wire().tell({ t: "welcome" });
  vi.advanceTimersByTime(PING_MS + 1000);
  expect(wire().sent.some(({ op }) => op === "ping")).toBe(true);
  vi.advanceTimersByTime(SILENCE_MS);
  expect(wires[0]?.isClosed).toBe(true);
});

test("silence beyond the server's own beat is called late, and a word ends it", () => {
  wire().tell({ t: "welcome" });
  vi.advanceTimersByTime(QUIET_MS + 2000);
  commit();
  expect(useLive.getState().link).toMatchObject({ state: "delayed", delay_s: 20 });
  wire().tell({ t: "hb", ts: new Date().toISOString() });
  commit();
  expect(useLive.getState().link).toMatchObject({ state: "live" });
});

test("a page whose timers sleep still speaks, when frames wake it", () => {
  wire().tell({ t: "welcome" });
  vi.setSystemTime(Date.now() + PING_MS);
  wire().tell({ t: "hb" });
  expect(wire().sent.at(-1)?.op).toBe("ping");
});

test("a refused login stops the socket and asks who is there", () => {
  wire().onclose?.({ code: 4401 });
  vi.advanceTimersByTime(60_000);
  expect(onLoggedOut).toHaveBeenCalledOnce();
  expect(wires).toHaveLength(1);
});

test("a channel is left a moment after the last one lets go", async () => {
  const first = socket.hold(ORDERS);
  const second = socket.hold(ORDERS);
  wire().tell({ t: "welcome" });
  snap(1, []);
  commit();
  first();
  vi.advanceTimersByTime(LINGER_MS);
  expect(channel()).toBeDefined();
  second();
  vi.advanceTimersByTime(LINGER_MS);
  expect(channel()).toBeUndefined();
  await Promise.resolve();
  expect(wire().sent.at(-1)).toMatchObject({ op: "unsub", ch: [ORDERS] });
});

test("what a page mounts at once is asked for in one operation", async () => {
  wire().tell({ t: "welcome" });
  const asked = wire().sent.length;
  for (const name of ["quotes:EURUSD", "quotes:GBPUSD", ORDERS]) socket.hold(name);
  await Promise.resolve();
  expect(wire().sent.slice(asked)).toMatchObject([{ op: "sub", ch: ["quotes:EURUSD", "quotes:GBPUSD", ORDERS] }]);
});

test("frames that come late by more than before are a delay, whatever our clock says", () => {
  wire().tell({ t: "welcome" });
  const server = (lag: number) => new Date(Date.now() - 3_600_000 - lag).toISOString();
  wire().tell({ t: "hb", ts: server(0) });
  wire().tell({ t: "hb", ts: server(4000) });
  commit();
  expect(useLive.getState().link).toMatchObject({ state: "delayed", delay_s: 4 });
});

test("a clock that was set forward between two connections is no delay", () => {
  let behind = 0;
  const hear = () => wire().tell({ t: "hb", ts: new Date(Date.now() - behind).toISOString() });
  wire().tell({ t: "welcome" });
  hear();
  wire().onclose?.({ code: 1006 });
  vi.advanceTimersByTime(500);
  behind = 60_000;
  wire().tell({ t: "welcome" });
  hear();
  commit();
  expect(useLive.getState().link.state).toBe("live");
});

test("nothing is sent on prices that are five seconds old, for whatever reason", () => {
  const link = { state: "live", delay_s: 0, downSince: null, latency_ms: null } as const;
  expect(isSendingBlocked(link, 10_000)).toBe(false);
  expect(isSendingBlocked({ ...link, state: "reconnecting", downSince: 5000 }, 10_000)).toBe(true);
  expect(isSendingBlocked({ ...link, state: "delayed", delay_s: 5 }, 10_000)).toBe(true);
  expect(staleness({ ...link, state: "delayed", delay_s: 7 })).toBe("7 s late");
  expect(staleness({ ...link, state: "delayed", delay_s: 2 })).toBe(false);
});
