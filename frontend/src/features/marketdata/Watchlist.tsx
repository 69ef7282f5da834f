import { TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type KeyboardEvent, memo, type RefObject, useState } from "react";
import type { Instrument } from "@/api/shapes";
import { age, decimal } from "@/ui/format";
import { Change } from "@/ui/Num";
import { useNow } from "@/ui/now";
import { Panel } from "@/ui/Panel";
import { Answered, Empty } from "@/ui/States";
import { instrumentsQuery } from "./instruments";
import { useMove, useQuote } from "./quotes";
import classes from "./Watchlist.module.css";

/** Each row is a channel, and the desk serves at most 200 of them to one page. */
const MOST_ROWS = 150;

interface WatchlistProps {
  chosen: string | undefined;
  onChoose: (name: string) => void;
  searchRef?: RefObject<HTMLInputElement | null>;
  stale?: string | false;
  className?: string;
}

export function Watchlist({ chosen, onChoose, searchRef, stale, className }: WatchlistProps) {
  const query = useQuery(instrumentsQuery);
  const [text, setText] = useState("");
  const search = (
    <TextInput
      ref={searchRef}
      size="xs"
      w={110}
      placeholder="Search  /"
      aria-label="Search symbols"
      value={text}
      onChange={(event) => setText(event.currentTarget.value)}
    />
  );
  return (
    <Panel title="Watchlist" actions={search} flush stale={stale} className={className}>
      <Answered query={query} what="seeing instruments">
        {(all) => {
          const rows = all.filter(({ name }) => name.toLowerCase().includes(text.trim().toLowerCase()));
          if (all.length === 0) return <Empty title="No instruments" hint="Import a data set or start the market." />;
          if (rows.length === 0) return <Empty title={`No symbol matches "${text}"`} />;
          return (
            <>
              <Rows
                rows={rows.slice(0, MOST_ROWS)}
                chosen={chosen}
                onChoose={(name) => {
                  setText("");
                  onChoose(name);
                }}
              />
              {rows.length > MOST_ROWS && (
                <p className={classes.more}>{rows.length - MOST_ROWS} more: search for them.</p>
              )}
            </>
          );
        }}
      </Answered>
    </Panel>
  );
}

function Rows({ rows, chosen, onChoose }: { rows: Instrument[]; chosen?: string; onChoose: (name: string) => void }) {
  const move = (event: KeyboardEvent<HTMLTableSectionElement>) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const all = [...event.currentTarget.querySelectorAll<HTMLElement>("button")];
    all[all.indexOf(document.activeElement as HTMLElement) + step]?.focus();
  };
  return (
    <table className={classes.table}>
      <thead>
        <tr>
          <th>Symbol</th>
          <th className={classes.figure}>Bid</th>
          <th className={classes.figure}>Ask</th>
          <th className={classes.figure} title="In ticks: the smallest move of the price">
            Spread
          </th>
          <th className={classes.figure}>Day</th>
        </tr>
      </thead>
      <tbody onKeyDown={move}>
        {rows.map((one) => (
          <Row key={one.name} instrument={one} isChosen={one.name === chosen} onChoose={onChoose} />
        ))}
      </tbody>
    </table>
  );
}

interface RowProps {
  instrument: Instrument;
  isChosen: boolean;
  onChoose: (name: string) => void;
}

const Row = memo(function Row({ instrument, isChosen, onChoose }: RowProps) {
  const { name, digits } = instrument;
  const { quote, at } = useQuote(name);
  const move = useMove(quote?.bid);
  return (
    <tr className={isChosen ? classes.chosen : undefined} onClick={() => onChoose(name)}>
      <td>
        <button type="button" className={classes.name} aria-pressed={isChosen}>
          <AgeDot at={at} isStale={quote?.stale ?? false} isOpen={instrument.is_open} />
          {name}
        </button>
      </td>
      <td className={`${classes.figure} ${move === "up" ? classes.up : move === "down" ? classes.down : ""}`}>
        {decimal(quote?.bid, digits)}
      </td>
      <td className={classes.figure}>{decimal(quote?.ask, digits)}</td>
      <td className={`${classes.figure} ${classes.soft}`}>{inTicks(quote?.spread, instrument.tick_size)}</td>
      <td className={classes.figure}>
        <Change value={quote?.day_change} />
      </td>
    </tr>
  );
});

/** A spread in price units reads badly; it is shown in ticks of the instrument. */
function inTicks(spread: string | null | undefined, tick: string): string {
  if (!spread || Number(tick) === 0) return "–";
  return String(Math.round(Number(spread) / Number(tick)));
}

function AgeDot(props: { at: number; isStale: boolean; isOpen: boolean }) {
  const now = useNow(2000);
  const { at, isStale, isOpen } = props;
  const old = at ? now - at : null;
  const state =
    old === null ? "none" : !isOpen ? "shut" : isStale || old > 15_000 ? "stale" : old > 5000 ? "slow" : "fresh";
  const says = {
    none: "no quote yet",
    shut: "market closed",
    stale: `stale, nothing new for ${age(old)}`,
    slow: `nothing new for ${age(old)}`,
    fresh: "fresh",
  }[state];
  return <span className={`${classes.dot} ${classes[state]}`} role="img" aria-label={says} title={says} />;
}
