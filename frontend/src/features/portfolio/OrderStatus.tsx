import type { Order, OrderStatus } from "@/api/shapes";
import { words } from "@/ui/format";
import { Pill, type Tone } from "@/ui/Pill";

const TONES: Record<OrderStatus, Tone> = {
  denied: "warn",
  approved: "info",
  sending: "info",
  accepted: "info",
  partially_filled: "info",
  filled: "good",
  cancel_pending: "plain",
  replace_pending: "plain",
  cancelled: "plain",
  rejected: "bad",
  expired: "plain",
  unknown: "alert",
  absent: "alert",
};

/** An order's state in a word; a denial says by which check in its tooltip. */
export function StatusPill({ order, dot }: { order: Order; dot?: boolean }) {
  const why = order.reasons.map(({ text, check }) => text || words(check)).join("; ");
  return (
    <Pill tone={TONES[order.status] ?? "plain"} title={why || undefined} dot={dot}>
      {words(order.status)}
    </Pill>
  );
}
