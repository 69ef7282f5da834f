import { Alert, Button, Group, Modal, NumberInput, Stack, Switch, Text } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { isUncertain } from "@/api/client";
import type { TrainingWish } from "./acting";
import { grouped } from "./progress";

interface TrainDialogProps {
  name: string;
  mayDeploy: boolean;
  isBusy: boolean;
  error: Error | null;
  onTrain: (wish: TrainingWish) => void;
  onClose: () => void;
}

export const STEPS = { first: 60_000, least: 1_000, most: 5_000_000 };
export const SEEDS = { first: 3, least: 1, most: 10 };
const ENOUGH_SEEDS = 3;
const ENOUGH_STEPS = 200_000;

/** What is wrong or doubtful about a training that is asked for. */
export function doubtsOf({ steps, seeds }: Pick<TrainingWish, "steps" | "seeds">): string[] {
  const doubts = [];
  if (seeds < ENOUGH_SEEDS) doubts.push(`Fewer than ${ENOUGH_SEEDS} seeds show no spread worth the name.`);
  if (steps < ENOUGH_STEPS)
    doubts.push(`Fewer than ${grouped(ENOUGH_STEPS)} steps a seed are enough to try, too few for the gates.`);
  return doubts;
}

/** How long and how often to train, and what happens with the result. */
export function TrainDialog({ name, mayDeploy, isBusy, error, onTrain, onClose }: TrainDialogProps) {
  const [steps, setSteps] = useState<number | string>(STEPS.first);
  const [seeds, setSeeds] = useState<number | string>(SEEDS.first);
  const [deploy, setDeploy] = useState(false);
  const wish = { steps: Number(steps), seeds: Number(seeds), deploy: deploy && mayDeploy };
  const isGood = isWithin(wish.steps, STEPS) && isWithin(wish.seeds, SEEDS);
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (isGood && !isBusy) onTrain(wish);
  };
  return (
    <Modal opened onClose={onClose} title={`Train ${name}`} centered>
      <form onSubmit={send}>
        <Stack gap="sm">
          <Text size="sm">
            A new version is trained beside the one that trades. It learns on the earlier part of the history and is
            judged on the later part, which it never saw.
          </Text>
          <NumberInput
            label="Steps a seed"
            value={steps}
            onChange={setSteps}
            min={STEPS.least}
            max={STEPS.most}
            step={10_000}
            thousandSeparator=","
            allowDecimal={false}
            data-autofocus
          />
          <NumberInput
            label="Seeds"
            value={seeds}
            onChange={setSeeds}
            min={SEEDS.least}
            max={SEEDS.most}
            allowDecimal={false}
          />
          <Switch
            label="Deploy the result to paper when it is done"
            description={mayDeploy ? undefined : "Your role does not include deploying."}
            checked={deploy && mayDeploy}
            disabled={!mayDeploy}
            onChange={(event) => setDeploy(event.currentTarget.checked)}
          />
          {isGood && doubtsOf(wish).length > 0 && (
            <Text size="xs" c="dimmed">
              {doubtsOf(wish).join(" ")}
            </Text>
          )}
          {error && (
            <Alert color="red" title={isUncertain(error) ? "Not known whether it started" : "Not started"} role="alert">
              {error.message}
            </Alert>
          )}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              Not now
            </Button>
            <Button type="submit" disabled={!isGood} loading={isBusy}>
              Train
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

function isWithin(value: number, { least, most }: { least: number; most: number }): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}
