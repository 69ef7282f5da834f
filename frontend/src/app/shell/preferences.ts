// What a person chose for this browser alone.
import { useSyncExternalStore } from "react";

const CONFIRM = "mtq-confirm";
const listeners = new Set<() => void>();

export function setConfirms(on: boolean): void {
  localStorage.setItem(CONFIRM, on ? "1" : "0");
  for (const tell of listeners) tell();
}

/** Ask once more before an order is sent. */
export function useConfirms(): boolean {
  return useSyncExternalStore(
    (tell) => {
      listeners.add(tell);
      return () => listeners.delete(tell);
    },
    () => localStorage.getItem(CONFIRM) === "1",
  );
}
