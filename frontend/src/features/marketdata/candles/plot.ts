// The chart as an object: React tells it what changed, it draws.
import {
  CandlestickSeries,
  ColorType,
  CrosshairMode,
  createChart,
  createSeriesMarkers,
  HistogramSeries,
  type IChartApi,
  type IPriceLine,
  type ISeriesApi,
  type ISeriesMarkersPluginApi,
  LineStyle,
  type Time,
  type UTCTimestamp,
} from "lightweight-charts";
import type { Candle } from "../bars";
import { additions } from "./forming";
import { HollowMarks } from "./hollow";
import type { Line, PlacedMark } from "./marks";

const FIRST_BARS = 120;

interface Colors {
  up: string;
  down: string;
  info: string;
  warn: string;
  line: string;
  text: string;
}

export interface PlotEvents {
  /** The candle under the crosshair, or null when it left. */
  onHover: (time: number | null) => void;
  /** The oldest bars came into sight. */
  onEdge: () => void;
  onPick: (id: string) => void;
}

export class CandlePlot {
  private readonly chart: IChartApi;
  private readonly candles: ISeriesApi<"Candlestick">;
  private readonly volumes: ISeriesApi<"Histogram">;
  private readonly arrows: ISeriesMarkersPluginApi<Time>;
  private readonly hollow = new HollowMarks();
  private readonly lines = new Map<string, { line: IPriceLine; price: number; title: string }>();
  private shown: readonly Candle[] = [];
  /** Opening time of the newest candle drawn. */
  private drawnTo = 0;
  /** Opening times drawn while they formed: their closed candles go in their place. */
  private readonly sketched = new Set<number>();
  private forming: Candle | null = null;
  private marks: readonly PlacedMark[] = [];
  private wishes: readonly Line[] = [];
  private colors: Colors;
  private readonly box: HTMLElement;

  constructor(box: HTMLElement, events: PlotEvents) {
    this.box = box;
    this.colors = colorsOf(box);
    this.chart = createChart(box, {
      autoSize: true,
      layout: { attributionLogo: true, fontSize: 11, fontFamily: getComputedStyle(box).fontFamily },
      crosshair: { mode: CrosshairMode.Normal },
      timeScale: { timeVisible: true, secondsVisible: false, rightOffset: 6, minBarSpacing: 1.5 },
      handleScroll: { vertTouchDrag: false },
    });
    this.candles = this.chart.addSeries(CandlestickSeries, { borderVisible: false });
    this.volumes = this.chart.addSeries(HistogramSeries, {
      priceScaleId: "volume",
      priceFormat: { type: "volume" },
      lastValueVisible: false,
      priceLineVisible: false,
    });
    this.chart.priceScale("volume").applyOptions({ scaleMargins: { top: 0.9, bottom: 0 } });
    this.candles.priceScale().applyOptions({ scaleMargins: { top: 0.12, bottom: 0.14 } });
    this.arrows = createSeriesMarkers(this.candles, []);
    this.candles.attachPrimitive(this.hollow);
    this.chart.subscribeCrosshairMove(({ time }) => events.onHover(typeof time === "number" ? time : null));
    this.chart.subscribeClick(({ hoveredObjectId }) => hoveredObjectId && events.onPick(String(hoveredObjectId)));
    this.chart.timeScale().subscribeVisibleLogicalRangeChange((range) => {
      if (range && range.from < 20 && this.shown.length > 0) events.onEdge();
    });
    this.paint();
  }

  destroy(): void {
    this.chart.remove();
  }

  setDigits(digits: number): void {
    this.candles.applyOptions({ priceFormat: { type: "price", precision: digits, minMove: 10 ** -digits } });
  }

  /** Closed candles. New ones at the end are added; anything else draws all anew and keeps the place in time. */
  setCandles(next: readonly Candle[], isNewPicture: boolean): void {
    const added = isNewPicture ? null : additions(this.shown, next, (time) => this.takes(time));
    this.shown = next;
    if (added) {
      for (const candle of added) {
        this.draw(candle);
        this.sketched.delete(candle.time);
      }
      return;
    }
    const scale = this.chart.timeScale();
    const range = scale.getVisibleRange();
    const behind = scale.scrollPosition();
    this.drawAll();
    if (isNewPicture) {
      this.chart.priceScale("right").applyOptions({ autoScale: true });
      scale.setVisibleLogicalRange({ from: next.length - FIRST_BARS, to: next.length + 6 });
    } else if (behind >= 0) scale.scrollToPosition(behind, false);
    else if (range) scale.setVisibleRange(range);
  }

  /** The candle that forms now; drawn after the closed ones. */
  setForming(candle: Candle | null): void {
    this.forming = candle;
    if (!candle || candle.time <= (this.shown.at(-1)?.time ?? 0) || candle.time < this.drawnTo) return;
    this.draw(candle);
    this.sketched.add(candle.time);
  }

  setMarks(marks: readonly PlacedMark[]): void {
    this.marks = marks;
    const { up, down } = this.colors;
    this.arrows.setMarkers(
      marks
        .filter(({ kind }) => kind === "fill")
        .map((mark) => ({
          id: mark.id,
          time: mark.time as UTCTimestamp,
          position: mark.side === "buy" ? ("belowBar" as const) : ("aboveBar" as const),
          shape: mark.side === "buy" ? ("arrowUp" as const) : ("arrowDown" as const),
          color: mark.side === "buy" ? up : down,
        })),
    );
    this.hollow.show(
      marks.filter(({ kind }) => kind === "denied"),
      { up, down },
    );
  }

  setLines(wishes: readonly Line[], isRepaint = false): void {
    this.wishes = wishes;
    for (const [id, { line }] of this.lines) {
      if (wishes.some((wish) => wish.id === id)) continue;
      this.candles.removePriceLine(line);
      this.lines.delete(id);
    }
    for (const wish of wishes) {
      const { id, price, title } = wish;
      const drawn = this.lines.get(id);
      // Any change draws the whole chart anew, and positions are told every second.
      if (drawn && !isRepaint && drawn.price === price && drawn.title === title) continue;
      const options = {
        price,
        title,
        color: { position: this.colors.info, stop: this.colors.down, target: this.colors.up, order: this.colors.warn }[
          wish.kind
        ],
        lineStyle: wish.kind === "position" ? LineStyle.Solid : LineStyle.Dashed,
        lineWidth: 1 as const,
        axisLabelVisible: true,
      };
      drawn?.line.applyOptions(options);
      this.lines.set(id, { line: drawn?.line ?? this.candles.createPriceLine(options), price, title });
    }
  }

  /** Take the page's colours again, after dark became light. */
  paint(): void {
    this.colors = colorsOf(this.box);
    const { up, down, line, text } = this.colors;
    this.chart.applyOptions({
      layout: { background: { type: ColorType.Solid, color: "transparent" }, textColor: text },
      grid: { vertLines: { color: line }, horzLines: { color: line } },
      rightPriceScale: { borderColor: line },
      timeScale: { borderColor: line },
    });
    this.candles.applyOptions({ upColor: up, downColor: down, wickUpColor: up, wickDownColor: down });
    this.drawAll();
    this.setMarks(this.marks);
    this.setLines(this.wishes, true);
  }

  scroll(bars: number): void {
    const scale = this.chart.timeScale();
    scale.scrollToPosition(scale.scrollPosition() + bars, false);
  }

  zoom(factor: number): void {
    const scale = this.chart.timeScale();
    scale.applyOptions({ barSpacing: Math.min(60, Math.max(1.5, scale.options().barSpacing * factor)) });
  }

  toNow(): void {
    this.chart.timeScale().scrollToRealTime();
  }

  /** The first price of the next candle mostly comes before this one is told to have closed: it stands there already. */
  private takes(time: number): boolean {
    return time >= this.drawnTo || this.sketched.has(time);
  }

  private drawAll(): void {
    this.candles.setData(this.shown.map(({ volume: _, ...bar }) => ({ ...bar, time: bar.time as UTCTimestamp })));
    this.volumes.setData(this.shown.map((candle) => this.volumeOf(candle)));
    this.drawnTo = this.shown.at(-1)?.time ?? 0;
    this.sketched.clear();
    this.setForming(this.forming);
  }

  /** Add a candle at the end, or put it in the place of the one drawn for its time. */
  private draw({ volume, ...bar }: Candle): void {
    const isBehind = bar.time < this.drawnTo;
    this.drawnTo = Math.max(this.drawnTo, bar.time);
    this.candles.update({ ...bar, time: bar.time as UTCTimestamp }, isBehind);
    this.volumes.update(this.volumeOf({ ...bar, volume }), isBehind);
  }

  private volumeOf({ time, open, close, volume }: Candle) {
    return {
      time: time as UTCTimestamp,
      value: volume,
      color: `${close >= open ? this.colors.up : this.colors.down}40`,
    };
  }
}

function colorsOf(box: HTMLElement): Colors {
  const style = getComputedStyle(box);
  const get = (name: string) => style.getPropertyValue(`--mtq-${name}`).trim() || "#888888";
  return {
    up: get("up"),
    down: get("down"),
    info: get("info"),
    warn: get("warn"),
    line: get("line-soft"),
    text: get("text-soft"),
  };
}
