import { SegmentedControl } from "@mantine/core";
import { memo, type Ref } from "react";
import { StepField } from "@/ui/StepField";
import type { SizedBy } from "./draft";

const RISK_STEP = "0.1";
const WAYS = [
  { value: "lots", label: "In lots" },
  { value: "risk", label: "% of equity at risk" },
];

interface SizeProps {
  by: SizedBy;
  onBy: (by: SizedBy) => void;
  lots: string;
  onLots: (lots: string) => void;
  lotStep: string;
  risk: string;
  onRisk: (risk: string) => void;
  fault?: string;
  inputRef: Ref<HTMLInputElement>;
}

/** How large the order is: so many lots, or what it may lose at its stop loss. */
export const Size = memo(function Size(props: SizeProps) {
  const { by, onBy, lots, onLots, lotStep, risk, onRisk, fault, inputRef } = props;
  return (
    <>
      <SegmentedControl
        size="xs"
        fullWidth
        aria-label="Size"
        value={by}
        onChange={(way) => onBy(way as SizedBy)}
        data={WAYS}
      />
      {by === "lots" ? (
        <StepField
          key="lots"
          label="Quantity"
          unit="lots"
          value={lots}
          onChange={onLots}
          step={lotStep}
          fault={fault}
          inputRef={inputRef}
        />
      ) : (
        <StepField
          key="risk"
          label="Equity at risk"
          unit="%"
          value={risk}
          onChange={onRisk}
          step={RISK_STEP}
          fault={fault}
          inputRef={inputRef}
        />
      )}
    </>
  );
});
