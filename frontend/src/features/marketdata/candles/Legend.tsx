import { dateTime } from "@/ui/format";
import { Change } from "@/ui/Num";
import type { Candle } from "../bars";
import classes from "./CandleChart.module.css";
import type { PlacedMark } from "./marks";

interface LegendProps {
  candle: Candle | undefined;
  before: Candle | undefined;
  digits: number;
  isForming: boolean;
  marks: readonly PlacedMark[];
}

/** Figures of the candle under the crosshair, else of the last one. */
export function Legend({ candle, before, digits, isForming, marks }: LegendProps) {
  if (!candle) return null;
  const here = marks.filter((mark) => mark.time === candle.time).slice(0, 2);
  const pairs = [
    ["O", candle.open],
    ["H", candle.high],
    ["L", candle.low],
    ["C", candle.close],
  ] as const;
  return (
    <div className={classes.legend}>
      <span className={classes.soft}>
        {dateTime(candle.time * 1000, { seconds: false })}
        {isForming && " forming"}
      </span>
      {pairs.map(([name, value]) => (
        <span key={name}>
          <span className={classes.soft}>{name}</span> {value.toFixed(digits)}
        </span>
      ))}
      <Change value={before && before.close > 0 ? candle.close / before.close - 1 : null} />
      {here.map((mark) => (
        <span key={mark.kind + mark.id} className={mark.kind === "denied" ? classes.denied : classes.fill}>
          {mark.text}
        </span>
      ))}
    </div>
  );
}
