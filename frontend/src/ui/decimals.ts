// Exact arithmetic on decimal strings, as far as a ticket needs it. No floats: 0.1 + 0.2 stays 0.3.

interface Scaled {
  units: bigint;
  places: number;
}

/** Reads "12.50", "-3", ".5"; null where it is no decimal number. A comma is read as a point. */
export function parse(text: string): Scaled | null {
  const found = /^\s*([-+]?)(\d*)(?:[.,](\d*))?\s*$/.exec(text);
  if (!found || !(found[2] || found[3])) return null;
  const rest = found[3] ?? "";
  const units = BigInt(`${found[2] ?? ""}${rest}` || "0");
  return { units: found[1] === "-" ? -units : units, places: rest.length };
}

function write({ units, places }: Scaled): string {
  const text = (units < 0n ? -units : units).toString().padStart(places + 1, "0");
  const sign = units < 0n ? "-" : "";
  return places ? `${sign}${text.slice(0, -places)}.${text.slice(-places)}` : sign + text;
}

function level(a: Scaled, b: Scaled): [bigint, bigint, number] {
  const places = Math.max(a.places, b.places);
  return [a.units * 10n ** BigInt(places - a.places), b.units * 10n ** BigInt(places - b.places), places];
}

/** What is sent to the desk: "0,10" -> "0.10"; null where it is no decimal number. */
export function clean(text: string): string | null {
  const value = parse(text);
  return value && write(value);
}

/** -1, 0, 1; null where one of them is no number. */
export function compare(a: string, b: string): -1 | 0 | 1 | null {
  const [x, y] = [parse(a), parse(b)];
  if (!x || !y) return null;
  const [left, right] = level(x, y);
  return left < right ? -1 : left > right ? 1 : 0;
}

export function isMultiple(value: string, step: string): boolean {
  const [x, y] = [parse(value), parse(step)];
  if (!x || !y || y.units === 0n) return false;
  const [left, right] = level(x, y);
  return left % right === 0n;
}

/** `value` moved by `count` steps and put on the step's grid; an empty or wrong value starts from nought. */
export function stepped(value: string, step: string, count: number): string {
  const x = parse(value) ?? { units: 0n, places: 0 };
  const y = parse(step);
  if (!y || y.units <= 0n) return value;
  const [left, right, places] = level(x, y);
  const whole = left / right + BigInt(count);
  return atPlaces({ units: whole * right, places }, y.places);
}

export function add(a: string, b: string): string | null {
  const [x, y] = [parse(a), parse(b)];
  if (!x || !y) return null;
  const [left, right, places] = level(x, y);
  return write({ units: left + right, places });
}

/** A percentage as the share that it is: "1.5" -> "0.015"; null where it is no decimal number. */
export function shareOf(percent: string): string | null {
  const value = parse(percent);
  return value && atPlaces({ units: value.units, places: value.places + 2 }, 0);
}

/** Exactly `places` decimals; what is cut off must be noughts, else it stays. */
function atPlaces(value: Scaled, places: number): string {
  let { units, places: have } = value;
  while (have > places && units % 10n === 0n) {
    units /= 10n;
    have -= 1;
  }
  if (have < places) {
    units *= 10n ** BigInt(places - have);
    have = places;
  }
  return write({ units, places: have });
}

/** The middle of two prices, for drawing only. */
export function middle(bid: string, ask: string): number {
  return (Number(bid) + Number(ask)) / 2;
}
