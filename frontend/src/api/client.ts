// One way to the REST API: `read` and `write`. Both throw `Problem` (the server's problem+json) or `Unreachable`.
import type { ProblemBody } from "./shapes";

const BASE = "/api/v1";
/** An answer that takes longer is no answer: nobody should wait at a button for ever. */
export const ANSWER_WITHIN_MS = 30_000;

export class Problem extends Error {
  readonly body: ProblemBody;
  constructor(body: ProblemBody) {
    super(body.detail || body.title);
    this.name = "Problem";
    this.body = body;
    if (this.isOldToken) this.message = "The login was renewed in another tab, and nothing was done. Try again.";
  }
  get status(): number {
    return this.body.status;
  }
  /** The last part of the problem's type: "risk-denied", "trading-halted", ... */
  get kind(): string {
    return this.body.type.replace(/\/$/, "").split("/").at(-1) ?? "";
  }
  /** Not allowed, as against: not logged in, wrong, or broken. */
  get isForbidden(): boolean {
    return this.status === 403 && !this.isLoggedOut;
  }
  get isLoggedOut(): boolean {
    return this.status === 401;
  }
  /** The page's token is of an older login: somebody logged in anew in another tab. Nothing was done. */
  get isOldToken(): boolean {
    return this.status === 403 && (this.body.detail ?? "").startsWith("CSRF");
  }
}

export class Unreachable extends Error {
  constructor() {
    super("The desk does not answer.");
    this.name = "Unreachable";
  }
}

/** Nobody can tell whether what was asked for was done: no answer came, or the desk broke off in the middle. */
export function isUncertain(fault: Error): boolean {
  if (fault instanceof Problem) return fault.status >= 500 && fault.kind !== "busy";
  return true;
}

let csrfToken = "";
let onLoggedOut: () => void = () => undefined;

export function setCsrfToken(token: string): void {
  csrfToken = token;
}

/** Called once by the app: what happens when the server no longer knows who asks. */
export function whenLoggedOut(act: () => void): void {
  onLoggedOut = act;
}

type Query = Record<string, string | number | boolean | null | undefined>;

export interface Ask {
  path?: Record<string, string | number>;
  query?: Query;
  signal?: AbortSignal;
}

export interface Write extends Ask {
  method?: "POST" | "PATCH" | "DELETE";
  body?: unknown;
  /** Sent as Idempotency-Key: the same key and body is answered, never carried out, twice. */
  key?: string;
}

/** GET `path` below /api/v1; `{name}` parts come from `ask.path`. */
export function read<Body>(path: string, ask: Ask = {}): Promise<Body> {
  return send<Body>("GET", path, ask);
}

/** POST (or PATCH, DELETE) to `path` below /api/v1. A 204 gives undefined. */
export function write<Body>(path: string, ask: Write = {}): Promise<Body> {
  return send<Body>(ask.method ?? "POST", path, ask);
}

/** GET the absolute `next` address of a page. */
export function readNext<Body>(url: string, signal?: AbortSignal): Promise<Body> {
  const { pathname, search } = new URL(url, window.location.origin);
  return call<Body>("GET", pathname + search, { signal });
}

export function newKey(): string {
  return crypto.randomUUID?.() ?? `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;
}

function address(path: string, ask: Ask): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(String(ask.path?.[name])));
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(ask.query ?? {})) {
    if (value !== null && value !== undefined && value !== "") search.set(name, String(value));
  }
  return `${BASE}${filled}${search.size ? `?${search}` : ""}`;
}

function send<Body>(method: string, path: string, ask: Write): Promise<Body> {
  return call<Body>(method, address(path, ask), ask);
}

async function call<Body>(method: string, url: string, ask: Write): Promise<Body> {
  const headers: Record<string, string> = { Accept: "application/json, application/problem+json" };
  if (method !== "GET") headers["X-CSRFToken"] = csrfToken;
  if (ask.key) headers["Idempotency-Key"] = ask.key;
  if (ask.body !== undefined) headers["Content-Type"] = "application/json";
  const answer = await fetch(url, {
    method,
    headers,
    credentials: "same-origin",
    body: ask.body === undefined ? undefined : JSON.stringify(ask.body),
    signal: withinTime(ask.signal),
  }).catch((fault: unknown) => cutOff(fault, ask.signal));
  if (answer.status === 204) return undefined as Body;
  if (answer.ok) return await answer.json().catch((fault: unknown) => cutOff(fault, ask.signal));
  const problem = new Problem(await problemOf(answer));
  if (problem.isLoggedOut && !url.endsWith("/session/")) onLoggedOut();
  throw problem;
}

function withinTime(signal: AbortSignal | undefined): AbortSignal {
  const late = AbortSignal.timeout(ANSWER_WITHIN_MS);
  return signal ? AbortSignal.any([signal, late]) : late;
}

/** The asker gave up, which is no failure; or the way to the desk broke, before its answer or within. */
function cutOff(fault: unknown, signal: AbortSignal | undefined): never {
  if (signal?.aborted) throw fault;
  throw new Unreachable();
}

async function problemOf(answer: Response): Promise<ProblemBody> {
  const blank = { type: "/problems/unexpected", title: `The desk answered ${answer.status}`, status: answer.status };
  const body = await answer.json().catch(() => null);
  return body && typeof body === "object" ? { ...blank, ...body, status: answer.status } : blank;
}
