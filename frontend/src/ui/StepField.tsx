import { ActionIcon, TextInput } from "@mantine/core";
import { type KeyboardEvent, memo, type Ref } from "react";
import { compare, stepped } from "./decimals";
import classes from "./StepField.module.css";

interface StepFieldProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  step: string;
  fault?: string;
  placeholder?: string;
  /** Tells where the arrows start when the field is empty. */
  from?: () => string | undefined;
  unit?: string;
  /** It can be read, not changed. */
  isOff?: boolean;
  /** A dialog begins here. */
  isFirst?: boolean;
  hint?: string;
  inputRef?: Ref<HTMLInputElement>;
}

/** A decimal as text with a step: arrow keys and buttons move it exactly; nothing is ever rounded behind one's back. */
export const StepField = memo(function StepField(props: StepFieldProps) {
  const { label, value, onChange, step, fault, placeholder, from, unit, isOff, isFirst, hint, inputRef } = props;
  const move = (count: number) => {
    const start = value || from?.();
    // From an empty field the first step takes the market's price as it is.
    const next = stepped(start || "0", step, value || !start ? count : 0);
    if (compare(next, "0") !== -1) onChange(next);
  };
  const onKey = (event: KeyboardEvent) => {
    const count = { ArrowUp: 1, ArrowDown: -1, PageUp: 10, PageDown: -10 }[event.key];
    if (!count || isOff) return;
    event.preventDefault();
    move(count);
  };
  return (
    <TextInput
      ref={inputRef}
      label={label}
      size="xs"
      inputMode="decimal"
      autoComplete="off"
      value={value}
      error={fault}
      readOnly={isOff}
      data-autofocus={isFirst || undefined}
      description={hint}
      inputWrapperOrder={["label", "input", "description", "error"]}
      placeholder={placeholder}
      onChange={(event) => onChange(event.currentTarget.value)}
      onKeyDown={onKey}
      classNames={{ input: isOff ? classes.off : classes.figure }}
      rightSectionWidth={unit ? 86 : 54}
      rightSection={
        <span className={classes.steps}>
          {unit && <span className={classes.unit}>{unit}</span>}
          <ActionIcon
            variant="subtle"
            color="gray"
            size="sm"
            tabIndex={-1}
            disabled={isOff}
            aria-label={`Less ${label}`}
            onClick={() => move(-1)}
          >
            −
          </ActionIcon>
          <ActionIcon
            variant="subtle"
            color="gray"
            size="sm"
            tabIndex={-1}
            disabled={isOff}
            aria-label={`More ${label}`}
            onClick={() => move(1)}
          >
            +
          </ActionIcon>
        </span>
      }
    />
  );
});
