import { asItems, useLiveOrRead } from "@/api/liveOrRead";
import type { Fill, Items, Position } from "@/api/shapes";
import { useHistory, useNewest } from "./history";

export function useFills(account: string) {
  return useNewest<Fill>("fills", account);
}

export function useFillHistory(account: string) {
  return useHistory<Fill>("fills", account);
}

export function usePositions(account: string) {
  return useLiveOrRead<Items<Position>>(`positions:${account}`, "/positions/", { query: { account } }, asItems);
}
