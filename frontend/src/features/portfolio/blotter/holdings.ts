import type { Position } from "@/api/shapes";
import { add, parse } from "@/ui/decimals";
import { lots } from "@/ui/format";

/** One line of the positions table: what an account holds of an instrument, and who holds it. */
export interface Holding {
  position: Position;
  sources: string;
  /** Its sources hold opposite sides, which come to nothing together: the account holds none, and there is nothing to close. */
  isFlat: boolean;
}

/** Net rows with their sources' parts. Parts without a net row stand for themselves, except where they cancel out. */
export function holdings(rows: readonly Position[]): Holding[] {
  const nets = rows.filter(({ source }) => source === "");
  const parts = rows.filter(({ source }) => source !== "");
  const netted = new Set(nets.map(({ instrument }) => instrument));
  const loose = parts.filter(({ instrument }) => !netted.has(instrument));
  return [
    ...nets.map((position) => ({
      position,
      sources: told(parts.filter(({ instrument }) => instrument === position.instrument)),
      isFlat: false,
    })),
    ...[...new Set(loose.map(({ instrument }) => instrument))].flatMap((name) =>
      withoutNet(loose.filter(({ instrument }) => instrument === name)),
    ),
  ];
}

function withoutNet(parts: readonly Position[]): Holding[] {
  const [first] = parts;
  if (!first || !cancelsOut(parts))
    return parts.map((position) => ({ position, sources: named(position.source), isFlat: false }));
  const position = { ...first, source: "", quantity: "0", open_profit: summed(parts) };
  return [{ position, sources: told(parts), isFlat: true }];
}

/** Whether quantities of opposite sides come to nothing together, exactly. */
export function cancelsOut(parts: readonly Pick<Position, "quantity">[]): boolean {
  const sum = parts.reduce<string | null>((total, { quantity }) => total && add(total, quantity), "0");
  return parts.length > 1 && sum !== null && parse(sum)?.units === 0n;
}

/** What the parts earn together; null where one is not known or they are counted in different money. */
function summed(parts: readonly Position[]): string | null {
  if (new Set(parts.map(({ profit_currency }) => profit_currency)).size > 1) return null;
  return parts.reduce<string | null>(
    (total, { open_profit }) => (total === null || open_profit === null ? null : add(total, open_profit)),
    "0",
  );
}

function told(parts: readonly Position[]): string {
  return parts
    .map(({ source, quantity }) => (parts.length > 1 ? `${named(source)} ${lots(quantity, true)}` : named(source)))
    .join(", ");
}

/** "agent:eurusd-ppo" -> "eurusd-ppo"; a person stays "by hand". */
export function named(source: string): string {
  const [kind, name] = source.split(":");
  return kind === "user" ? "by hand" : (name ?? source);
}
