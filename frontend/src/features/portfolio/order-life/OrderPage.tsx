import { useSession } from "@/api/session";
import type { OrderLife } from "@/api/shapes";
import { Answered, Empty } from "@/ui/States";
import { Checks } from "./Checks";
import { Denial } from "./Denial";
import { EventStep } from "./EventStep";
import { OrderHead } from "./OrderHead";
import classes from "./order-life.module.css";
import { useOrderLife } from "./reading";
import { SignalStep } from "./SignalStep";
import { Sizing } from "./Sizing";
import { TimelineItem } from "./TimelineItem";
import { stepsOf } from "./timeline";
import { milliseconds } from "./writing";

/** One order from the wish to its last fill. */
export function OrderPage({ id }: { id: string }) {
  const { query, isWorking } = useOrderLife(id);
  const session = useSession();
  const isUnknown = (query.error as { status?: number } | null)?.status === 404;
  if (isUnknown)
    return (
      <Empty
        title="There is no such order"
        hint={`Nothing is known of ${id}, or it belongs to an account you may not see.`}
      />
    );
  return (
    <div className={classes.page}>
      <Answered query={query} what="seeing orders of this account">
        {(life) => (
          <OrderView
            life={life}
            isWorking={isWorking}
            currency={session?.accounts.find((account) => account.slug === life.order.account)?.currency ?? ""}
          />
        )}
      </Answered>
    </div>
  );
}

interface OrderViewProps {
  life: OrderLife;
  isWorking: boolean;
  currency: string;
}

export function OrderView({ life, isWorking, currency }: OrderViewProps) {
  const { order, signal, review } = life;
  const steps = stepsOf(life.events, life.fills, review?.created_at ?? signal?.created_at);
  const failed = review?.checks.filter((check) => !check.passed).length ?? 0;
  return (
    <>
      <OrderHead order={order} isWorking={isWorking} />
      {order.status === "denied" && <Denial order={order} currency={currency} />}
      <ol className={classes.timeline} aria-label="Life of the order">
        {signal ? (
          <TimelineItem at={signal.created_at} gap_ms={null} title="Signal">
            <SignalStep signal={signal} />
          </TimelineItem>
        ) : (
          <TimelineItem
            at={order.created_at}
            gap_ms={null}
            title={order.source.startsWith("agent:") ? "Asked for by the agent" : "Asked for"}
          >
            <p className={classes.soft}>No signal belongs to this order: {originOf(order.source)}.</p>
          </TimelineItem>
        )}
        {review?.sizing && (
          <TimelineItem at={null} gap_ms={null} title="Sizing">
            <Sizing sizing={review.sizing} currency={currency} isSent={order.status !== "denied"} />
          </TimelineItem>
        )}
        {review ? (
          <TimelineItem
            at={review.created_at}
            gap_ms={signal ? Math.max(0, Date.parse(review.created_at) - Date.parse(signal.created_at)) : null}
            title={
              failed > 0
                ? `Pre-trade checks: ${failed} of ${review.checks.length} failed`
                : `Pre-trade checks: all ${review.checks.length} passed`
            }
            tone={failed > 0 ? "bad" : "good"}
            aside={`took ${milliseconds(review.elapsed_ms)}`}
          >
            <Checks checks={review.checks} currency={currency} />
          </TimelineItem>
        ) : null}
        {steps.map((step) => (
          <EventStep key={step.key} step={step} currency={currency} />
        ))}
        {isWorking && <TimelineItem at={null} gap_ms={null} title="Waiting for the broker" />}
      </ol>
    </>
  );
}

function originOf(source: string): string {
  if (source.startsWith("user:")) return "a person sent it by hand";
  if (source === "external") return "it was made outside this desk and seen at the broker";
  return `it came from ${source}`;
}
