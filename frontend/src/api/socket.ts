// The desk's socket, protocol v1: subscribe, snapshot, updates counted by seq; a gap subscribes again; a lost link is
// opened again by itself. Frames are collected and handed to the live store at most ten times a second.
import { fold, kindOf } from "./fold";
import { type Channel, FIRST_LINK, type Link, type Subscriber, useLive } from "./live";
import type { Frame, Wire } from "./wire";

export const COMMIT_MS = 100;
export const PING_MS = 20_000;
export const SILENCE_MS = 40_000;
export const LINGER_MS = 1_000;
/** The server speaks at least every 15 s: a longer silence is a link that may be dead, and is called late. */
export const QUIET_MS = 18_000;
/** A connection that was up this long was no failed attempt. */
export const STEADY_MS = 10_000;
/** A connection that takes longer to open is given up. */
export const OPENING_MS = 10_000;
/** Until what a part of the desk could not answer is asked for again. */
export const AGAIN_MS = 3_000;
const RETRY_FIRST_MS = 500;
const RETRY_MOST_MS = 15_000;
const LATE_S = 2;

export interface SocketOptions {
  open: () => Wire;
  /** The server refused the session (4401): the page asks who is there. */
  onLoggedOut?: () => void;
  random?: () => number;
  isOnline?: () => boolean;
}

/** Milliseconds before attempt n (0 first): 0.5 s doubling to 15 s, with up to half of it taken off by chance. */
export function retryAfter(attempt: number, random: number): number {
  return Math.min(RETRY_MOST_MS, RETRY_FIRST_MS * 2 ** attempt) * (1 - random / 2);
}

/** Channels of latest values, merged on the way: a lost frame makes what they show older, not wrong. */
const LATEST: ReadonlySet<string> = new Set([
  "quotes",
  "account",
  "positions",
  "agents",
  "agent",
  "run",
  "brokers",
  "system",
]);

const blank = (): Channel => ({ state: "waiting", data: undefined, epoch: "", seq: -1, at: 0 });

export class DeskSocket implements Subscriber {
  private wire: Wire | null = null;
  private isOpen = false;
  private isStopped = true;
  private attempt = 0;
  private nextId = 1;
  private readonly asked = new Map<number, string[]>();
  private readonly held = new Map<string, number>();
  private readonly joining = new Set<string>();
  private readonly leaving = new Set<string>();
  private readonly pending = new Map<string, Channel>();
  private link: Link = FIRST_LINK;
  private isLinkChanged = false;
  private commitTimer?: ReturnType<typeof setTimeout>;
  private retryTimer?: ReturnType<typeof setTimeout>;
  private pulse?: ReturnType<typeof setInterval>;
  private lastFrame = 0;
  private pingAt = 0;
  private openedAt = 0;
  /** Smallest (our clock - server's) seen on this connection: what remains above it is delay, not a wrong clock. */
  private offset_ms = Number.POSITIVE_INFINITY;

  private readonly options: SocketOptions;
  constructor(options: SocketOptions) {
    this.options = options;
  }

  start(): void {
    if (!this.isStopped) return;
    this.isStopped = false;
    this.attempt = 0;
    this.setLink({ downSince: Date.now() });
    this.connect();
  }

  stop(): void {
    this.isStopped = true;
    clearTimeout(this.retryTimer);
    clearTimeout(this.commitTimer);
    this.commitTimer = undefined;
    this.drop(1000);
    this.pending.clear();
    this.link = FIRST_LINK;
    useLive.setState({ channels: {}, link: FIRST_LINK });
  }

  /** Subscribe while held; the returned function lets go. A channel nobody holds is left after a second. */
  hold(channel: string): () => void {
    const count = this.held.get(channel) ?? 0;
    this.held.set(channel, count + 1);
    if (count === 0 && !this.current(channel)) this.gather(this.joining, channel);
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      this.held.set(channel, (this.held.get(channel) ?? 1) - 1);
      setTimeout(() => this.leave(channel), LINGER_MS);
    };
  }

  private leave(channel: string): void {
    // Once stopped, the store belongs to the socket that came after.
    if (this.isStopped || this.held.get(channel) !== 0) return;
    this.held.delete(channel);
    this.pending.delete(channel);
    const { [channel]: gone, ...channels } = useLive.getState().channels;
    if (gone) useLive.setState({ channels });
    this.gather(this.leaving, channel);
  }

  /** A page mounts and leaves many panels at once: what they want goes out together, as the server limits operations. */
  private gather(where: Set<string>, channel: string): void {
    if (this.joining.size + this.leaving.size === 0) queueMicrotask(() => this.flush());
    where.add(channel);
  }

  private flush(): void {
    const [leaving, joining] = [[...this.leaving], [...this.joining]];
    this.leaving.clear();
    this.joining.clear();
    if (leaving.length > 0) this.say({ op: "unsub", ch: leaving });
    this.subscribe(joining);
  }

  private connect(): void {
    if (this.isStopped) return;
    if (this.options.isOnline?.() === false) {
      this.setLink({ state: "offline" });
      this.retryTimer = setTimeout(() => this.connect(), 1000);
      return;
    }
    const wire = this.options.open();
    this.wire = wire;
    this.lastFrame = Date.now();
    wire.onmessage = (event) => this.wire === wire && this.receive(event.data);
    wire.onclose = (event) => this.wire === wire && this.lost(event.code);
    clearInterval(this.pulse);
    this.pulse = setInterval(() => this.beat(), 1000);
  }

  private drop(code: number): void {
    clearInterval(this.pulse);
    const wire = this.wire;
    this.wire = null;
    this.isOpen = false;
    this.asked.clear();
    wire?.close(code);
  }

  private lost(code: number, wait_s?: number): void {
    const wasSteady = this.isOpen && Date.now() - this.openedAt >= STEADY_MS;
    this.drop(1000);
    if (this.isStopped) return;
    const state = code === 4403 ? "refused" : "reconnecting";
    this.setLink({ state, downSince: this.link.downSince ?? Date.now(), latency_ms: null });
    if (code === 4401) {
      this.isStopped = true;
      this.options.onLoggedOut?.();
      return;
    }
    if (wasSteady || code === 4503) this.attempt = 0;
    const wait = code === 4403 ? RETRY_MOST_MS : retryAfter(this.attempt, (this.options.random ?? Math.random)());
    this.attempt += 1;
    this.retryTimer = setTimeout(() => this.connect(), Math.max(wait, (wait_s ?? 0) * 1000));
  }

  private beat(): void {
    const silence = Date.now() - this.lastFrame;
    if (silence > (this.isOpen ? SILENCE_MS : OPENING_MS)) this.lost(4408);
    else if (this.isOpen && silence > QUIET_MS) this.setLink({ state: "delayed", delay_s: Math.round(silence / 1000) });
    this.keepUp();
  }

  /** Speak now and then. Frames ask for it too: a browser slows the timers of a page that nobody looks at. */
  private keepUp(): void {
    if (!this.isOpen || Date.now() - this.pingAt < PING_MS) return;
    this.pingAt = Date.now();
    this.say({ op: "ping" });
  }

  private say(message: { op: string; ch?: string[]; since?: unknown }): number {
    const id = this.nextId++;
    if (this.isOpen) this.wire?.send(JSON.stringify({ ...message, id }));
    return id;
  }

  private subscribe(channels: string[]): void {
    if (!this.isOpen || channels.length === 0) return;
    const since: Record<string, unknown> = {};
    for (const name of channels) {
      const known = this.current(name);
      if (known && known.seq >= 0) since[name] = { epoch: known.epoch, seq: known.seq };
    }
    this.asked.set(this.say({ op: "sub", ch: channels, since }), channels);
  }

  private receive(text: string): void {
    this.lastFrame = Date.now();
    const frame = JSON.parse(text) as Frame;
    this.measure(frame);
    if (frame.t === "welcome") this.welcome();
    else if (frame.t === "snap") this.snap(frame);
    else if (frame.t === "upd") this.update(frame);
    else if (frame.t === "revoked")
      this.set(String(frame.ch), { ...blank(), state: "forbidden", problem: frame.reason });
    else if (frame.t === "err") this.refused(frame);
    else if (frame.t === "ack") this.asked.delete(frame.id ?? -1);
    else if (frame.t === "pong") this.setLink({ latency_ms: Date.now() - this.pingAt });
    else if (frame.t === "bye") this.lost(frame.code ?? 4503, frame.retry_after);
    this.keepUp();
  }

  private welcome(): void {
    this.isOpen = true;
    this.openedAt = this.pingAt = Date.now();
    this.offset_ms = Number.POSITIVE_INFINITY;
    this.setLink({ state: "live", downSince: null, delay_s: 0 });
    this.joining.clear();
    this.subscribe([...this.held.keys()]);
  }

  private snap(frame: Frame): void {
    const channel = String(frame.ch);
    if (!this.held.has(channel)) return;
    this.set(channel, {
      state: "live",
      data: frame.data,
      epoch: String(frame.epoch),
      seq: frame.seq ?? 0,
      at: Date.now(),
    });
  }

  private update(frame: Frame): void {
    const channel = String(frame.ch);
    const old = this.current(channel);
    if (old?.state !== "live" || !this.held.has(channel)) return;
    const epoch = String(frame.epoch);
    if (epoch === old.epoch && (frame.seq ?? 0) <= old.seq) return;
    if (epoch !== old.epoch || frame.seq !== old.seq + 1) {
      // Something between was lost. A list may lack a row now, so it goes; a latest value is only older. A snapshot comes.
      this.set(channel, { ...blank(), data: LATEST.has(kindOf(channel)) ? old.data : undefined });
      this.subscribe([channel]);
      return;
    }
    const data = fold(channel, old.data, frame.data);
    this.set(channel, { state: "live", data, epoch, seq: frame.seq, at: Date.now() });
  }

  private refused(frame: Frame): void {
    const problem = frame.problem?.detail || frame.problem?.title || "refused";
    const state = frame.problem?.status === 403 || frame.problem?.status === 404 ? "forbidden" : "failed";
    const named = typeof frame.ch === "string" ? [frame.ch] : frame.ch;
    const channels = named ?? this.asked.get(frame.id ?? -1) ?? [];
    for (const channel of channels) this.set(channel, { ...blank(), state, problem });
    this.asked.delete(frame.id ?? -1);
    if (state === "failed") setTimeout(() => this.askAgain(channels), AGAIN_MS);
  }

  /** Ask for what failed and is still wanted; a new connection asks by itself. */
  private askAgain(channels: string[]): void {
    for (const channel of channels)
      if (!this.isStopped && this.held.has(channel) && this.current(channel)?.state === "failed")
        this.gather(this.joining, channel);
  }

  private measure(frame: Frame): void {
    if (!frame.ts || !this.isOpen) return;
    const offset = Date.now() - Date.parse(frame.ts);
    this.offset_ms = Math.min(this.offset_ms, offset);
    const delay_s = Math.round((offset - this.offset_ms) / 1000);
    if (delay_s >= LATE_S) this.setLink({ state: "delayed", delay_s });
    else if (this.link.state === "delayed") this.setLink({ state: "live", delay_s: 0 });
  }

  private current(channel: string): Channel | undefined {
    return this.pending.get(channel) ?? useLive.getState().channels[channel];
  }

  private set(channel: string, next: Channel): void {
    this.pending.set(channel, next);
    this.commitTimer ??= setTimeout(() => this.commit(), COMMIT_MS);
  }

  private setLink(change: Partial<Link>): void {
    this.link = { ...this.link, ...change };
    this.isLinkChanged = true;
    this.commitTimer ??= setTimeout(() => this.commit(), COMMIT_MS);
  }

  private commit(): void {
    this.commitTimer = undefined;
    const { channels, link } = useLive.getState();
    useLive.setState({
      channels: this.pending.size ? { ...channels, ...Object.fromEntries(this.pending) } : channels,
      link: this.isLinkChanged ? this.link : link,
    });
    this.pending.clear();
    this.isLinkChanged = false;
  }
}
