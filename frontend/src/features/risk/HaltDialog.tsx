import { Button, Group, Modal, PasswordInput, SegmentedControl, Stack, Textarea, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { isUncertain, Problem } from "@/api/client";
import { Notice } from "@/ui/Notice";
import { type HaltWish, missing, SHORTEST, useHalt, WORD } from "./halting";
import classes from "./risk.module.css";

interface HaltDialogProps {
  isOpen: boolean;
  onClose: () => void;
  /** Slug and name of the chosen account, where there is one. */
  account: { slug: string; name: string } | null;
  /** The password was given within the last minutes. */
  isFresh: boolean;
}

/** The kill switch: says what will happen, asks for a reason, the word and, when it was long ago, the password. */
export function HaltDialog({ isOpen, onClose, account, isFresh }: HaltDialogProps) {
  return (
    <Modal
      opened={isOpen}
      onClose={onClose}
      title="Halt trading"
      size="md"
      closeButtonProps={{ "aria-label": "Close" }}
    >
      {isOpen && <HaltForm onClose={onClose} account={account} isFresh={isFresh} />}
    </Modal>
  );
}

const NEEDED = { reason: `a reason of ${SHORTEST} characters`, word: `the word ${WORD}`, password: "your password" };

function HaltForm({ onClose, account, isFresh }: Omit<HaltDialogProps, "isOpen">) {
  const halt = useHalt();
  const [wish, setWish] = useState<HaltWish>({ scope: "desk", reason: "", word: "", password: "" });
  // The desk's own word counts: what this page knows of the password may be minutes old.
  const [needsPassword, setNeedsPassword] = useState(!isFresh);
  const wants = missing(wish, needsPassword);
  const where = wish.scope === "desk" ? "every account of this desk" : `account ${account?.name}`;
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (wants.length > 0 || halt.isPending) return;
    const onError = (fault: Error) => {
      if (fault instanceof Problem && fault.kind === "password-needed") setNeedsPassword(true);
    };
    halt.mutate(wish, { onSuccess: onClose, onError });
  };
  return (
    <form onSubmit={send} noValidate>
      <Stack gap="sm">
        {account && (
          <SegmentedControl
            aria-label="What to halt"
            value={wish.scope}
            onChange={(scope) => setWish({ ...wish, scope })}
            data={[
              { value: "desk", label: "Whole desk" },
              { value: `account:${account.slug}`, label: `Account ${account.name}` },
            ]}
          />
        )}
        <Notice tone="bad" title={`This stops trading on ${where}`}>
          <ul className={classes.list}>
            <li>Working entries are cancelled at the venue.</li>
            <li>Open positions are closed at market prices, with whatever loss that brings.</li>
            <li>New entries are denied, from agents and from people. What reduces a position still passes.</li>
            <li>Only risk staff can release it again, with a reason.</li>
          </ul>
        </Notice>
        <Textarea
          label="Reason"
          description={`Kept in the audit log. At least ${SHORTEST} characters.`}
          required
          rows={2}
          data-autofocus
          value={wish.reason}
          onChange={(event) => setWish({ ...wish, reason: event.currentTarget.value })}
        />
        <TextInput
          label={`Type ${WORD} to confirm`}
          required
          autoComplete="off"
          spellCheck={false}
          value={wish.word}
          onChange={(event) => setWish({ ...wish, word: event.currentTarget.value })}
        />
        {needsPassword && (
          <PasswordInput
            label="Your password"
            description="Asked for because it was not given in the last 5 minutes."
            required
            autoComplete="current-password"
            value={wish.password}
            onChange={(event) => setWish({ ...wish, password: event.currentTarget.value })}
          />
        )}
        {halt.error && <NotHalted fault={halt.error} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Keep trading
          </Button>
          <Button type="submit" color="red" disabled={wants.length > 0} loading={halt.isPending}>
            Halt trading now
          </Button>
        </Group>
        <p className={classes.wants} role="status">
          {wants.length > 0 ? `Still needed: ${wants.map((want) => NEEDED[want]).join(", ")}.` : ""}
        </p>
      </Stack>
    </form>
  );
}

/** A halt that got no answer may stand or not: neither is claimed. */
function NotHalted({ fault }: { fault: Error }) {
  if (!isUncertain(fault))
    return (
      <Notice tone="bad" title="Not halted">
        {fault.message}
      </Notice>
    );
  return (
    <Notice tone="bad" title="It is not known whether trading was halted">
      {fault.message} Send it again: a second halt changes nothing. The breaker at the top says what stands.
    </Notice>
  );
}
