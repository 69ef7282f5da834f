import type { KeyboardEvent } from "react";
import classes from "./Tabs.module.css";

interface TabsProps<Key extends string> {
  tabs: readonly { key: Key; label: string }[];
  value: Key;
  onChange: (key: Key) => void;
  label: string;
  /** id of the element that shows the chosen tab's content */
  panelId: string;
}

/** A row of tabs; arrow keys move between them. */
export function Tabs<Key extends string>({ tabs, value, onChange, label, panelId }: TabsProps<Key>) {
  const move = (event: KeyboardEvent<HTMLDivElement>) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const at = (tabs.findIndex(({ key }) => key === value) + step + tabs.length) % tabs.length;
    const next = tabs[at];
    if (!next) return;
    onChange(next.key);
    event.currentTarget.querySelectorAll<HTMLElement>('[role="tab"]')[at]?.focus();
  };
  return (
    <div role="tablist" aria-label={label} className={classes.tabs} onKeyDown={move}>
      {tabs.map(({ key, label: name }) => (
        <button
          type="button"
          role="tab"
          key={key}
          aria-selected={key === value}
          aria-controls={panelId}
          tabIndex={key === value ? 0 : -1}
          className={classes.tab}
          onClick={() => onChange(key)}
        >
          {name}
        </button>
      ))}
    </div>
  );
}
