import { useEffect, useRef } from "react";

export type Keys = Record<string, () => void>;

const OFF = "mtq-keys-off";
const SEQUENCE_MS = 1200;
let first: { key: string; at: number } | null = null;

/** Shortcuts off, all of them: for people whose other tools use the same keys. */
export function areKeysOff(): boolean {
  return localStorage.getItem(OFF) === "1";
}
export function setKeysOff(off: boolean): void {
  if (off) localStorage.setItem(OFF, "1");
  else localStorage.removeItem(OFF);
}

/**
 * Act on keys while mounted: "n", "?", "Shift+B", "Shift+Escape", "g t" (one after the other), "Mod+K" (Ctrl or Command).
 * Typing in a field acts on nothing but "Shift+Escape".
 */
export function useKeys(keys: Keys): void {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    const hear = (event: KeyboardEvent) => {
      const name = nameOf(event);
      if (!name || areKeysOff() || event.defaultPrevented) return;
      if (isTyping(event.target) && name !== "Shift+Escape") return;
      if (isDialogOpen() && name !== "Shift+Escape") return;
      const pair = first && Date.now() - first.at < SEQUENCE_MS ? `${first.key} ${name}` : "";
      const act = latest.current[pair] ?? latest.current[name];
      if (act) {
        event.preventDefault();
        first = null;
        act();
      } else if (Object.keys(latest.current).some((key) => key.startsWith(`${name} `))) {
        first = { key: name, at: Date.now() };
      }
    };
    window.addEventListener("keydown", hear);
    return () => window.removeEventListener("keydown", hear);
  }, []);
}

export function nameOf(event: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey">): string {
  const { key } = event;
  if (["Shift", "Control", "Alt", "Meta"].includes(key) || event.altKey) return "";
  if (event.ctrlKey || event.metaKey) return `Mod+${key.toUpperCase()}`;
  if (key.length === 1) return /[A-Z]/.test(key) ? `Shift+${key}` : key;
  return event.shiftKey ? `Shift+${key}` : key;
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

function isDialogOpen(): boolean {
  return document.querySelector('[role="dialog"][aria-modal="true"]') !== null;
}
