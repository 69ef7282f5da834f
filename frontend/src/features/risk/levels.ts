import { asItems, useLiveOrRead } from "@/api/liveOrRead";
import type { Account, Breaker, Items, Level } from "@/api/shapes";
import type { Tone } from "@/ui/Pill";

export const LEVELS: Record<Level, { name: string; tone: Tone; says: string }> = {
  0: { name: "Normal", tone: "good", says: "No breaker has tripped. Orders go through the usual checks." },
  1: { name: "Warning", tone: "warn", says: "New entries are cut to half their size." },
  2: { name: "Reducing", tone: "alert", says: "New entries are denied. Orders that reduce exposure still pass." },
  3: { name: "Halted", tone: "bad", says: "Everything is stopped: entries are cancelled and positions are closed." },
};

/** The worst of what stands, as a level that has a name here. */
export function worst(levels: readonly (number | undefined)[]): Level {
  const highest = Math.max(0, ...levels.map((level) => level ?? 0));
  return Math.min(3, highest) as Level;
}

/** "account:acc-1" -> "Account acc-1"; "desk" -> "Whole desk". */
export function scopeName(scope: string): string {
  const [kind, slug] = scope.split(":");
  if (kind === "desk" || kind === "global") return "Whole desk";
  return slug ? `${(kind ?? "").charAt(0).toUpperCase()}${(kind ?? "").slice(1)} ${slug}` : scope;
}

/** All breakers that the person may see; undefined while they are not known. */
export function useBreakers(): readonly Breaker[] | undefined {
  return useLiveOrRead<Items<Breaker>>("breakers", "/breakers/", {}, asItems)?.data?.items;
}

/** Those that stop orders of an account: its own and the desk's. */
export function concerning(breakers: readonly Breaker[], account: string | undefined): Breaker[] {
  return breakers.filter(({ scope }) => {
    const [kind, slug] = scope.split(":");
    return kind === "desk" || kind === "global" || (kind === "account" && (slug === account || account === undefined));
  });
}

/** The worst level that stands over an account; null while it is not known: what is not known is not normal. */
export function levelOver(account: Account | undefined, breakers: readonly Breaker[] | undefined): Level | null {
  if (!breakers && !account?.breaker.level) return null;
  return worst([account?.breaker.level, ...concerning(breakers ?? [], account?.slug).map(({ level }) => level)]);
}
