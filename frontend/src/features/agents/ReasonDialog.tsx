import { Alert, Button, Group, Modal, Stack, Text, Textarea } from "@mantine/core";
import { type FormEvent, type ReactNode, useState } from "react";
import { isUncertain } from "@/api/client";

interface ReasonDialogProps {
  title: string;
  /** What will happen, and what will not. */
  consequence: ReactNode;
  confirm: string;
  tone?: "blue" | "orange" | "red";
  isBusy: boolean;
  error: Error | null;
  onConfirm: (reason: string) => void;
  onClose: () => void;
}

const SHORTEST = 8;
const LONGEST = 300;

/** A step that asks for a reason (danger level 2): what follows from it stands above the reason. */
export function ReasonDialog(props: ReasonDialogProps) {
  const { title, consequence, confirm, tone = "blue", isBusy, error, onConfirm, onClose } = props;
  const [reason, setReason] = useState("");
  const isGiven = reason.trim().length >= SHORTEST;
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (isGiven && !isBusy) onConfirm(reason.trim());
  };
  return (
    <Modal opened onClose={onClose} title={title} centered>
      <form onSubmit={send}>
        <Stack gap="sm">
          <Text size="sm" component="div">
            {consequence}
          </Text>
          <Textarea
            label="Reason"
            description={`Kept with your name. At least ${SHORTEST} characters.`}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
            maxLength={LONGEST}
            rows={3}
            required
            data-autofocus
          />
          {error && (
            <Alert color="red" title={isUncertain(error) ? "Not known whether it was done" : "Not done"} role="alert">
              {error.message}
            </Alert>
          )}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              Leave as it is
            </Button>
            <Button type="submit" color={tone} disabled={!isGiven} loading={isBusy}>
              {confirm}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
