// Hollow triangles for what risk denied: the chart library's own markers are always filled.
import type {
  IChartApi,
  ISeriesApi,
  ISeriesPrimitive,
  SeriesAttachedParameter,
  Time,
  UTCTimestamp,
} from "lightweight-charts";
import type { PlacedMark } from "./marks";

interface Spot {
  x: number;
  y: number;
  up: boolean;
  color: string;
  id: string;
}

const SIZE = 5;
const GAP = 9;

export class HollowMarks implements ISeriesPrimitive<Time> {
  private marks: readonly PlacedMark[] = [];
  private colors = { up: "#888", down: "#888" };
  private chart?: IChartApi;
  private series?: ISeriesApi<"Candlestick">;
  private requestUpdate?: () => void;
  private spots: Spot[] = [];

  attached(param: SeriesAttachedParameter<Time>): void {
    this.chart = param.chart as IChartApi;
    this.series = param.series as ISeriesApi<"Candlestick">;
    this.requestUpdate = param.requestUpdate;
  }

  show(marks: readonly PlacedMark[], colors: { up: string; down: string }): void {
    this.marks = marks;
    this.colors = colors;
    this.requestUpdate?.();
  }

  updateAllViews(): void {
    this.spots = this.marks.flatMap((mark) => {
      const up = mark.side === "buy";
      const x = this.chart?.timeScale().timeToCoordinate(mark.time as UTCTimestamp);
      const y = this.series?.priceToCoordinate(up ? mark.low : mark.high);
      if (x == null || y == null) return [];
      return [{ x, y: y + (up ? GAP : -GAP), up, color: up ? this.colors.up : this.colors.down, id: mark.id }];
    });
  }

  paneViews() {
    return [{ renderer: () => ({ draw: (target: DrawTarget) => draw(target, this.spots) }) }];
  }

  hitTest(x: number, y: number) {
    const hit = this.spots.find((spot) => Math.abs(spot.x - x) <= SIZE + 3 && Math.abs(spot.y - y) <= SIZE + 4);
    return hit ? { externalId: hit.id, zOrder: "top" as const, cursorStyle: "pointer" } : null;
  }
}

interface DrawTarget {
  useMediaCoordinateSpace(act: (scope: { context: CanvasRenderingContext2D }) => void): void;
}

function draw(target: DrawTarget, spots: readonly Spot[]): void {
  // biome-ignore lint/correctness/useHookAtTopLevel: the chart library's name, not a hook
  target.useMediaCoordinateSpace(({ context }) => {
    context.lineWidth = 1.4;
    for (const { x, y, up, color } of spots) {
      const tip = up ? -SIZE : SIZE;
      context.strokeStyle = color;
      context.beginPath();
      context.moveTo(x, y + tip);
      context.lineTo(x + SIZE, y - tip);
      context.lineTo(x - SIZE, y - tip);
      context.closePath();
      context.stroke();
    }
  });
}
