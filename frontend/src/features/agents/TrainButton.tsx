import { Button } from "@mantine/core";
import { useState } from "react";
import type { AgentDetail } from "@/api/shapes";
import { useTrain } from "./acting";
import { isUnderWay } from "./progress";
import { TrainDialog } from "./TrainDialog";

/** Opens the dialog of a new training; absent for rules and for those who may not train. */
export function TrainButton({ agent }: { agent: AgentDetail }) {
  const [isOpen, setOpen] = useState(false);
  const train = useTrain(agent.slug);
  const close = () => {
    setOpen(false);
    train.reset();
  };
  if (agent.kind !== "learned" || !agent.rights.includes("agent.train")) return null;
  const isBusy = isUnderWay(agent.training);
  return (
    <>
      <Button
        size="xs"
        onClick={() => setOpen(true)}
        disabled={isBusy}
        title={isBusy ? "It is training already" : undefined}
      >
        Train
      </Button>
      {isOpen && (
        <TrainDialog
          name={agent.name}
          mayDeploy={agent.rights.includes("agent.deploy")}
          isBusy={train.isPending}
          error={train.error}
          onTrain={(wish) => train.mutate(wish, { onSuccess: close })}
          onClose={close}
        />
      )}
    </>
  );
}
