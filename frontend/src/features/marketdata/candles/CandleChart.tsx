import { useComputedColorScheme } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from "react";
import { middle } from "@/ui/decimals";
import { Panel } from "@/ui/Panel";
import { Empty, Failed, Loading, NoPermission } from "@/ui/States";
import { type Candle, candleOf, minutesQuery, useBars } from "../bars";
import { useInstrument } from "../instruments";
import { useQuote } from "../quotes";
import { secondsOf, TIMEFRAMES, type Timeframe } from "../timeframes";
import classes from "./CandleChart.module.css";
import { withMinutes, withPrice } from "./forming";
import { Legend } from "./Legend";
import { indexAt, type Line, type Mark, placed } from "./marks";
import { CandlePlot } from "./plot";

interface CandleChartProps {
  instrument: string;
  timeframe: Timeframe;
  onTimeframe: (timeframe: Timeframe) => void;
  marks: readonly Mark[];
  lines: readonly Line[];
  onPick?: (markId: string) => void;
  stale?: boolean | string;
  className?: string;
}

export default function CandleChart(props: CandleChartProps) {
  const { instrument, timeframe, onTimeframe, className, stale } = props;
  const pick = (
    <div className={classes.frames} role="group" aria-label="Time frame">
      {TIMEFRAMES.map(({ key }, index) => (
        <button
          type="button"
          key={key}
          aria-pressed={key === timeframe}
          title={`Key ${index + 1} on the chart`}
          onClick={() => onTimeframe(key)}
        >
          {key}
        </button>
      ))}
    </div>
  );
  return (
    <Panel title={instrument} actions={pick} flush className={className} stale={stale}>
      <Body key={`${instrument} ${timeframe}`} {...props} />
    </Panel>
  );
}

/** What keys do to the picture. */
const MOVES: Record<string, (plot: CandlePlot) => void> = {
  ArrowLeft: (plot) => plot.scroll(-5),
  ArrowRight: (plot) => plot.scroll(5),
  "+": (plot) => plot.zoom(1.25),
  "-": (plot) => plot.zoom(0.8),
  End: (plot) => plot.toNow(),
};

function Body({ instrument, timeframe, onTimeframe, marks, lines, onPick }: CandleChartProps) {
  const { query, channel, candles } = useBars(instrument, timeframe);
  const spec = useInstrument(instrument);
  const box = useRef<HTMLDivElement>(null);
  const [plot, setPlot] = useState<CandlePlot | null>(null);
  const [hover, setHover] = useState<number | null>(null);
  const scheme = useComputedColorScheme("dark");
  const forming = useForming(instrument, timeframe, candles?.at(-1), candles !== undefined);
  const all = useMemo(() => (forming && candles ? [...candles, forming] : (candles ?? [])), [candles, forming]);
  // Marks move when a candle opens or closes, not with every price of the one that forms.
  const newest = useRef(all);
  newest.current = all;
  const formingAt = forming?.time;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the forming candle counts by its time alone
  const spots = useMemo(() => placed(marks, newest.current), [marks, candles, formingAt]);
  const events = useRef({ onEdge: () => {}, onPick: (_: string) => {} });
  events.current = {
    onEdge: () => query.hasNextPage && !query.isFetchingNextPage && void query.fetchNextPage(),
    onPick: (id) => onPick?.(id),
  };
  const hasBars = (candles?.length ?? 0) > 0 || forming !== null;

  useEffect(() => {
    if (!hasBars || !box.current) return;
    const made = new CandlePlot(box.current, {
      onHover: setHover,
      onEdge: () => events.current.onEdge(),
      onPick: (id) => events.current.onPick(id),
    });
    setPlot(made);
    return () => {
      made.destroy();
      setPlot(null);
    };
  }, [hasBars]);
  const isFirst = useRef<CandlePlot | null>(null);
  useEffect(() => {
    if (!plot || !candles) return;
    plot.setCandles(candles, isFirst.current !== plot);
    isFirst.current = plot;
  }, [plot, candles]);
  useEffect(() => plot?.setForming(forming), [plot, forming]);
  useEffect(() => plot?.setMarks(spots), [plot, spots]);
  useEffect(() => plot?.setLines(lines), [plot, lines]);
  useEffect(() => plot?.setDigits(spec?.digits ?? 5), [plot, spec?.digits]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the scheme changes the colours that paint() reads
  useEffect(() => plot?.paint(), [plot, scheme]);

  if (channel?.state === "forbidden") return <NoPermission what="seeing this market" />;
  if (query.isPending) return <Loading text={`Loading ${instrument} ${timeframe}`} />;
  if (query.isError && !candles) return <Failed error={query.error} onRetry={() => void query.refetch()} />;
  if (!hasBars)
    return (
      <Empty title={`No ${timeframe} bars of ${instrument} yet`} hint="They appear as soon as the first one closes." />
    );

  const onKey = (event: KeyboardEvent) => {
    const frame = TIMEFRAMES[Number(event.key) - 1];
    const act = frame ? () => onTimeframe(frame.key) : plot && MOVES[event.key];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act(plot as CandlePlot);
  };
  const at = hover === null ? all.length - 1 : indexAt(all, hover);
  return (
    <div className={classes.body}>
      <Legend
        candle={all[at]}
        before={all[at - 1]}
        digits={spec?.digits ?? 5}
        isForming={all[at] === forming}
        marks={spots}
      />
      <div
        ref={box}
        className={classes.plot}
        role="group"
        aria-roledescription="candle chart"
        tabIndex={0}
        aria-label={`Candles of ${instrument}, ${timeframe}, last ${all.at(-1)?.close ?? ""}. Arrow keys scroll, 1 to 6 choose the time frame.`}
        onKeyDown={onKey}
      />
    </div>
  );
}

/** The candle that has not closed yet, made of the quotes as they come and of its minutes before. */
function useForming(
  instrument: string,
  timeframe: Timeframe,
  last: Candle | undefined,
  isReady: boolean,
): Candle | null {
  const seconds = secondsOf(timeframe);
  const { quote } = useQuote(instrument);
  const minutes = useQuery(minutesQuery(instrument, seconds / 60)).data?.bars;
  const kept = useRef<Candle | null>(null);
  const seeded = useRef<unknown>(null);
  return useMemo(() => {
    if (!quote?.bid || !isReady) return null;
    const at = Date.parse(quote.quote_at) / 1000;
    let next = withPrice(kept.current, middle(quote.bid, quote.ask), at, seconds, last);
    if (next && minutes && seeded.current !== minutes) {
      seeded.current = minutes;
      next = withMinutes(next, minutes.map(candleOf));
    }
    kept.current = next;
    return next;
  }, [quote, minutes, last, seconds, isReady]);
}
