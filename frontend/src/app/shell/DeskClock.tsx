import { deskTime, useClock } from "@/api/clock";
import { dateTime } from "@/ui/format";
import { useNow } from "@/ui/now";
import classes from "./TopBar.module.css";

/** The desk's own time, how fast it runs, and what kind of market it is. */
export function DeskClock() {
  const clock = useClock();
  const now = useNow(1000);
  if (!clock) return null;
  const isFast = clock.speed !== 1;
  const market =
    clock.market === "synthetic" ? "synthetic market" : clock.market === "replay" ? "replay" : clock.market;
  return (
    <div
      className={classes.clock}
      title={`Desk time, UTC. ${isFast ? `One real second is ${clock.speed} seconds of the desk. ` : ""}${market}`}
    >
      <span className={classes.clockTime}>{dateTime(deskTime(clock, now), { year: true, seconds: !isFast })}</span>
      <span className={classes.clockNote}>
        {isFast ? `${clock.speed}x ` : ""}
        {market}
        {clock.ended ? ", ended" : ""}
      </span>
    </div>
  );
}
