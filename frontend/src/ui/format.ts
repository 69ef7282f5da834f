// How values are written. Decimal strings are only cut or grouped here, never turned into floats and back.

const MINUS = "\u2212";

/** "1234567.5" -> "1,234,567.50": groups of thousands, exactly `digits` decimals (rounded half up on the string). */
export function decimal(value: string | null | undefined, digits?: number, signed = false): string {
  if (value === null || value === undefined || value === "") return "–";
  const parts = /^([-+]?)(\d+)(?:\.(\d+))?$/.exec(plain(value));
  if (!parts) return value;
  const [whole, rest] = rounded(parts[2] ?? "0", parts[3] ?? "", digits);
  const isZero = /^0*$/.test(whole + rest);
  const sign = isZero ? "" : parts[1] === "-" ? MINUS : signed ? "+" : "";
  return `${sign}${whole.replace(/\B(?=(\d{3})+$)/g, ",")}${rest ? `.${rest}` : ""}`;
}

/** Exponents ("1E-7") only come from arithmetic on the server; they are written out. */
function plain(value: string): string {
  if (!/e/i.test(value)) return value;
  const number = Number(value);
  return Number.isFinite(number) ? number.toFixed(12).replace(/0+$/, "").replace(/\.$/, "") : value;
}

function rounded(whole: string, rest: string, digits: number | undefined): [string, string] {
  if (digits === undefined || rest.length <= digits) return [whole, rest.padEnd(digits ?? 0, "0")];
  const up = (rest[digits] ?? "0") >= "5" ? 1n : 0n;
  const scaled = (BigInt(whole + rest.slice(0, digits)) + up).toString().padStart(digits + 1, "0");
  return digits === 0 ? [scaled, ""] : [scaled.slice(0, -digits), scaled.slice(-digits)];
}

/** Money with sign: profit and loss are told by it, not by colour alone. */
export function signedMoney(value: string | null | undefined, digits = 2): string {
  return decimal(value, digits, true);
}

export function money(value: string | null | undefined, digits = 2): string {
  return decimal(value, digits);
}

/** Lots without trailing zeros: "0.1000" -> "0.1". */
export function lots(value: string | null | undefined, signed = false): string {
  if (!value) return "–";
  return decimal(/\./.test(value) ? value.replace(/\.?0+$/, "") : value, undefined, signed);
}

/** A ratio as percent: 0.0123 -> "+1.23 %". */
export function percent(ratio: number | null | undefined, digits = 2, signed = false): string {
  if (ratio === null || ratio === undefined || !Number.isFinite(ratio)) return "–";
  const text = Math.abs(ratio * 100).toFixed(digits);
  const sign = Number(text) === 0 ? "" : ratio < 0 ? MINUS : signed ? "+" : "";
  return `${sign}${text} %`;
}

export function ratio(value: number | null | undefined, digits = 2): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  return value < 0 ? `${MINUS}${Math.abs(value).toFixed(digits)}` : value.toFixed(digits);
}

/** -1, 0 or 1 of a decimal string, a number or nothing. */
export function signOf(value: string | number | null | undefined): -1 | 0 | 1 {
  if (value === null || value === undefined) return 0;
  if (typeof value === "number") return value > 0 ? 1 : value < 0 ? -1 : 0;
  if (!/[1-9]/.test(value.split(/e/i)[0] ?? "")) return 0;
  return value.trim().startsWith("-") ? -1 : 1;
}

const DAY_MS = 86_400_000;
const two = (value: number): string => String(value).padStart(2, "0");
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

function dateOf(at: string | number | null | undefined): Date | null {
  if (at === null || at === undefined || at === "") return null;
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? null : date;
}

/** "14:05:09" (UTC). */
export function time(at: string | number | null | undefined, seconds = true): string {
  const date = dateOf(at);
  if (!date) return "–";
  const minutes = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`;
  return seconds ? `${minutes}:${two(date.getUTCSeconds())}` : minutes;
}

/** "25 Nov 14:05:09", or with the year where asked (UTC). */
export function dateTime(
  at: string | number | null | undefined,
  options: { year?: boolean; seconds?: boolean } = {},
): string {
  const date = dateOf(at);
  if (!date) return "–";
  const year = options.year ? ` ${date.getUTCFullYear()}` : "";
  return `${two(date.getUTCDate())} ${MONTHS[date.getUTCMonth()]}${year} ${time(date.getTime(), options.seconds ?? true)}`;
}

export function day(at: string | number | null | undefined): string {
  const date = dateOf(at);
  return date ? `${two(date.getUTCDate())} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}` : "–";
}

/** Age in one unit: "4 s", "12 min", "3 h", "2 d". */
export function age(milliseconds: number | null | undefined): string {
  if (milliseconds === null || milliseconds === undefined || !Number.isFinite(milliseconds)) return "–";
  const ms = Math.max(0, milliseconds);
  if (ms < 60_000) return `${Math.floor(ms / 1000)} s`;
  if (ms < 3_600_000) return `${Math.floor(ms / 60_000)} min`;
  if (ms < DAY_MS) return `${Math.floor(ms / 3_600_000)} h`;
  return `${Math.floor(ms / DAY_MS)} d`;
}

/** "partially_filled" -> "partially filled". */
export function words(code: string): string {
  return code.replaceAll("_", " ").replaceAll("-", " ");
}
