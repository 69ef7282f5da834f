import { NativeSelect, TextInput } from "@mantine/core";
import type { Agent } from "@/api/shapes";
import { words } from "@/ui/format";
import classes from "./agents.module.css";
import type { Choice } from "./listing";

interface FiltersProps {
  agents: readonly Agent[];
  choice: Choice;
  onChange: (choice: Choice) => void;
}

type Field = "kind" | "instrument" | "state";

const ALL: Record<Field, string> = { kind: "All kinds", instrument: "All instruments", state: "All states" };

export function Filters({ agents, choice, onChange }: FiltersProps) {
  const options = (field: Field) => [
    { value: "", label: ALL[field] },
    ...[...new Set(agents.map((agent) => agent[field]))].sort().map((value) => ({ value, label: words(value) })),
  ];
  return (
    <div role="search" className={classes.filters}>
      <TextInput
        size="xs"
        type="search"
        aria-label="Find an agent by name"
        placeholder="Find an agent"
        value={choice.words}
        onChange={(event) => onChange({ ...choice, words: event.currentTarget.value })}
      />
      {(["kind", "instrument", "state"] as const).map((field) => (
        <NativeSelect
          key={field}
          size="xs"
          aria-label={`Filter by ${field}`}
          data={options(field)}
          value={choice[field]}
          onChange={(event) => onChange({ ...choice, [field]: event.currentTarget.value })}
        />
      ))}
    </div>
  );
}
