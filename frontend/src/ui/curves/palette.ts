/** The colours of a curve, read from the theme where the curve stands. */

import type { Stroke } from "./series";

export interface Palette {
  main: string;
  hues: string[];
  loss: string;
  limit: string;
  grid: string;
  text: string;
  font: string;
}

export const HUES = 5;

export function paletteOf(element: Element): Palette {
  const style = getComputedStyle(element);
  const read = (name: string, otherwise: string) => style.getPropertyValue(name).trim() || otherwise;
  return {
    main: read("--curve-main", "#4dabf7"),
    hues: Array.from({ length: HUES }, (_, hue) => read(`--curve-${hue}`, "#8b95a5")),
    loss: read("--curve-loss", "#e5707a"),
    limit: read("--curve-limit", "#d9a441"),
    grid: read("--curve-grid", "#2a2f3a"),
    text: read("--curve-text", "#8b95a5"),
    font: `11px ${style.fontFamily || "sans-serif"}`,
  };
}

export function colourOf(palette: Palette, series: { stroke: Stroke; hue?: number }): string {
  if (series.stroke === "main") return palette.main;
  return palette.hues[(series.hue ?? 0) % HUES] ?? palette.text;
}

export const DASHES: Record<Stroke, number[]> = {
  main: [],
  solid: [],
  dashed: [7, 4],
  dotted: [2, 3],
  dashdot: [8, 3, 2, 3],
};
