import { Indicator } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { read } from "@/api/client";
import type { Change, Page } from "@/api/shapes";
import classes from "./risk.module.css";

const RENEW_MS = 20_000;
const MOST = 50;

/** Changes that wait for this person's decision, with a way to them; nothing while there are none. */
export function ApprovalsBadge() {
  const { data } = useQuery({
    queryKey: ["changes", "mine"],
    queryFn: ({ signal }) =>
      read<Page<Change>>("/changes/", { query: { mine: true, state: "open", limit: MOST }, signal }),
    refetchInterval: RENEW_MS,
    retry: false,
  });
  const waiting = data?.results.length ?? 0;
  if (waiting === 0) return null;
  const count = data?.next ? `${MOST}+` : String(waiting);
  return (
    <Indicator label={count} size={15} color="orange.9" offset={3}>
      <a
        className={classes.approvals}
        href="/admin/risk/changerequest/"
        title={`${count} ${waiting === 1 ? "change waits" : "changes wait"} for your decision`}
      >
        Approvals
      </a>
    </Indicator>
  );
}
