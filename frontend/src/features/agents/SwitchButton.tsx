import { Button } from "@mantine/core";
import { useState } from "react";
import type { Agent } from "@/api/shapes";
import { usePauseOrResume } from "./acting";
import classes from "./agents.module.css";
import { ReasonDialog } from "./ReasonDialog";

interface SwitchButtonProps {
  agent: Pick<Agent, "slug" | "name" | "state" | "version" | "instrument">;
  rights: readonly string[];
  size?: "compact-xs" | "xs" | "sm";
}

const CONSEQUENCE = {
  pause: (instrument: string) => (
    <>
      The agent decides nothing from the next bar on. <b>Its open position in {instrument} stays</b>, with its stop at
      the broker; close it yourself if you want it gone.
    </>
  ),
  resume: (instrument: string) => (
    <>
      The agent decides again at the next closed bar of {instrument} and <b>may send orders at once</b>. Every order
      still passes the pre-trade checks.
    </>
  ),
};

/** Pause or resume, whichever is possible; absent for those who may not. */
export function SwitchButton({ agent, rights, size = "compact-xs" }: SwitchButtonProps) {
  const verb = agent.state === "paused" ? "resume" : "pause";
  const [isOpen, setOpen] = useState(false);
  const act = usePauseOrResume(agent.slug, verb);
  const close = () => {
    setOpen(false);
    act.reset();
  };
  if (!rights.includes(`agent.${verb}`) || (!agent.version && verb === "pause")) return null;
  const word = verb === "pause" ? "Pause" : "Resume";
  return (
    <>
      <Button
        size={size}
        {...(size === "compact-xs"
          ? { variant: "subtle", color: "gray", className: classes.quiet }
          : { variant: "default" })}
        onClick={() => setOpen(true)}
        aria-label={`${word} ${agent.name}`}
      >
        {word}
      </Button>
      {isOpen && (
        <ReasonDialog
          title={`${word} ${agent.name}?`}
          consequence={CONSEQUENCE[verb](agent.instrument)}
          confirm={word}
          tone={verb === "pause" ? "orange" : "blue"}
          isBusy={act.isPending}
          error={act.error}
          onConfirm={(reason) => act.mutate(reason, { onSuccess: close })}
          onClose={close}
        />
      )}
    </>
  );
}
