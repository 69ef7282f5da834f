import { Button, Loader } from "@mantine/core";
import type { ReactNode } from "react";
import classes from "./States.module.css";

export function Loading({ text = "Loading" }: { text?: string }) {
  return (
    <div className={classes.state} role="status" aria-live="polite">
      <Loader size="sm" type="dots" />
      <span>{text}</span>
    </div>
  );
}

export function Empty({ title, hint, action }: { title: string; hint?: ReactNode; action?: ReactNode }) {
  return (
    <div className={classes.state}>
      <strong>{title}</strong>
      {hint && <span>{hint}</span>}
      {action}
    </div>
  );
}

export function Failed({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  return (
    <div className={classes.state} role="alert">
      <strong className={classes.bad}>Could not be loaded</strong>
      <span>{error instanceof Error ? error.message : String(error)}</span>
      {onRetry && (
        <Button size="compact-xs" variant="default" onClick={onRetry}>
          Try again
        </Button>
      )}
    </div>
  );
}

export function NoPermission({ what }: { what: string }) {
  return (
    <div className={classes.state}>
      <strong>No permission</strong>
      <span>Your role does not include {what}. An administrator can grant it.</span>
    </div>
  );
}

interface Answer<Data> {
  data: Data | undefined;
  error: unknown;
  isPending: boolean;
  refetch?: () => unknown;
}

/** The desk says that it may not be seen, or is not there for this person: then what it said before is over too. */
export function isTakenAway(error: unknown): boolean {
  const status = (error as { status?: number } | null)?.status;
  return status === 403 || status === 404;
}

/** Loading, failed, no permission or the content: what every panel shows of a query. */
export function Answered<Data>(props: { query: Answer<Data>; what: string; children: (data: Data) => ReactNode }) {
  const { query, what, children } = props;
  if (isTakenAway(query.error)) return <NoPermission what={what} />;
  if (query.data !== undefined) return children(query.data);
  if (query.isPending) return <Loading />;
  return <Failed error={query.error} onRetry={() => void query.refetch?.()} />;
}

interface Heard<Data> {
  state: "waiting" | "live" | "forbidden" | "failed";
  data: Data | undefined;
  problem?: string;
}

/** The same for a live channel. */
export function Streamed<Data>(props: {
  channel: Heard<Data> | undefined;
  what: string;
  children: (data: Data) => ReactNode;
}) {
  const { channel, what, children } = props;
  if (channel?.state === "forbidden") return <NoPermission what={what} />;
  if (channel?.data !== undefined) return children(channel.data);
  if (channel?.state === "failed") return <Failed error={channel.problem ?? "refused"} />;
  return <Loading />;
}
