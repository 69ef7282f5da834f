import type { Position } from "@/api/shapes";
import { lots } from "@/ui/format";

/** One line of the positions table: what an account holds net of an instrument, and who holds it. */
export interface Holding {
  position: Position;
  sources: string;
}

/** Net rows with their sources' parts; a source without a net row stands for itself. */
export function holdings(rows: readonly Position[]): Holding[] {
  const nets = rows.filter(({ source }) => source === "");
  const parts = rows.filter(({ source }) => source !== "");
  const netted = new Set(nets.map(({ instrument }) => instrument));
  return [
    ...nets.map((position) => ({
      position,
      sources: parts
        .filter(({ instrument }) => instrument === position.instrument)
        .map(({ source, quantity }, _, all) =>
          all.length > 1 ? `${named(source)} ${lots(quantity, true)}` : named(source),
        )
        .join(", "),
    })),
    ...parts
      .filter(({ instrument }) => !netted.has(instrument))
      .map((position) => ({ position, sources: named(position.source) })),
  ];
}

/** "agent:eurusd-ppo" -> "eurusd-ppo"; a person stays "by hand". */
export function named(source: string): string {
  const [kind, name] = source.split(":");
  return kind === "user" ? "by hand" : (name ?? source);
}
