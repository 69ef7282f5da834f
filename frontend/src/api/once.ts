// A write that must not happen twice. Until the desk has answered for good, asking for the same thing again is the same
// request: it goes out with the same Idempotency-Key, whichever panel asks and however often the button is pressed.
import { isUncertain, newKey, Problem, type Write, write } from "./client";

interface Open {
  key: string;
  /** Wall milliseconds when it was first asked for. */
  at: number;
  answer?: Promise<unknown>;
}

/** By then a person has looked what became of it, and who asks again wants it again. */
export const KEPT_MS = 10 * 60_000;
const open = new Map<string, Open>();

/**
 * Write once. While an answer is awaited, the same wish gets that answer; after one that leaves its fate open, the same
 * key. `about` tells apart wishes that look alike: a position closed by the same address may be another one by now.
 */
export async function writeOnce<Body>(path: string, { about, ...ask }: Omit<Write, "key"> & { about?: string }) {
  const wish = JSON.stringify([path, ask.path, ask.body, about]);
  const held = open.get(wish);
  if (held?.answer) return held.answer as Promise<Body>;
  const isAgain = held !== undefined && Date.now() - held.at < KEPT_MS;
  const mine: Open = isAgain ? { key: held.key, at: held.at } : { key: newKey(), at: Date.now() };
  const answer = write<Body>(path, { ...ask, key: mine.key });
  open.set(wish, { ...mine, answer });
  try {
    const body = await answer;
    open.delete(wish);
    return body;
  } catch (fault) {
    if (mayHaveBeenDone(fault as Error)) open.set(wish, mine);
    else open.delete(wish);
    throw fault;
  }
}

/** Its fate is open, or the first request still runs, or the desk asks to come again: the key stays. */
function mayHaveBeenDone(fault: Error): boolean {
  if (fault instanceof Problem && (fault.kind === "busy" || fault.kind === "still-running")) return true;
  return isUncertain(fault);
}
