import { Popover, UnstyledButton } from "@mantine/core";
import type { Account, Breaker } from "@/api/shapes";
import { dateTime, money, percent } from "@/ui/format";
import { Pill } from "@/ui/Pill";
import { concerning, LEVELS, levelOver, scopeName, worst } from "./levels";
import classes from "./risk.module.css";

interface BreakerPillProps {
  account: Account | undefined;
  /** All breakers the person may see; those of the desk and of this account count. */
  breakers: readonly Breaker[] | undefined;
}

/** The breaker's level in number, word and colour; a click lists what it rests on. */
export function BreakerPill({ account, breakers }: BreakerPillProps) {
  const concerned = concerning(breakers ?? [], account?.slug);
  const level = levelOver(account, breakers);
  if (level === null) return <Pill title="The breaker's level is not known yet">Breaker –</Pill>;
  const { name, tone, says } = LEVELS[level];
  return (
    <Popover width={320} position="bottom-end" shadow="md" withinPortal>
      <Popover.Target>
        <UnstyledButton aria-label={`Breaker level ${level}, ${name}. Show details`}>
          <Pill tone={tone} dot>
            {level} {name}
          </Pill>
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown>
        <p className={classes.says}>{says}</p>
        {concerned.map((one) => (
          <div key={one.scope} className={classes.scope}>
            <div className={classes.scopeHead}>
              <strong>{scopeName(one.scope)}</strong>
              <Pill tone={LEVELS[worst([one.level])].tone} dot>
                {one.level} {LEVELS[worst([one.level])].name}
              </Pill>
            </div>
            <dl className={classes.facts}>
              <dt>Drawdown</dt>
              <dd>{percent(one.drawdown)}</dd>
              <dt>Trips at</dt>
              <dd>{one.thresholds.map((share) => percent(share, 0)).join(", ") || "–"}</dd>
              <dt>Equity</dt>
              <dd>{money(one.equity)}</dd>
              {one.level > 0 && one.cause && (
                <>
                  <dt>Cause</dt>
                  <dd>{one.cause}</dd>
                </>
              )}
              {one.changed_at && (
                <>
                  <dt>Since</dt>
                  <dd>{dateTime(one.changed_at)} UTC</dd>
                </>
              )}
            </dl>
          </div>
        ))}
      </Popover.Dropdown>
    </Popover>
  );
}
