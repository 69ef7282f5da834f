/** How instants and lengths of an order's life are written. */

/** Wall time to the millisecond: what happened between two steps is often shorter than a second. */
export function clock(at: string): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? "–" : date.toISOString().slice(11, 23);
}

export function date(at: string): string {
  const when = new Date(at);
  return Number.isNaN(when.getTime()) ? "" : when.toISOString().slice(0, 10);
}

export function milliseconds(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return "";
  if (value < 0.01) return "<0.01 ms";
  return `${value < 10 ? value.toFixed(2) : value.toFixed(value < 100 ? 1 : 0)} ms`;
}
