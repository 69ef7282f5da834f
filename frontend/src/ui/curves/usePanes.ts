import { type RefObject, useEffect, useState } from "react";
import { paletteOf } from "./palette";
import type { Pane } from "./plot";

/** The width of an element, followed; 0 until it is known. */
export function useWidth(element: RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const watched = element.current;
    if (!watched) return;
    setWidth(Math.floor(watched.clientWidth));
    const observer = new ResizeObserver(() => setWidth(Math.floor(watched.clientWidth)));
    observer.observe(watched);
    return () => observer.disconnect();
  }, [element]);
  return width;
}

/** Draw a pane into an element and again whenever it, its width or the theme changes. */
export function usePane(
  element: RefObject<HTMLElement | null>,
  pane: Pane | null,
  {
    width,
    sync,
    scheme,
    onCursor,
  }: { width: number; sync: string; scheme: string; onCursor?: (at: number | null) => void },
): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: the theme changes the colours that are read from the element
  useEffect(() => {
    const into = element.current;
    if (!into || !pane || width <= 0) return;
    let drawn: { destroy: () => void } | null = null;
    let gone = false;
    void import("./plot").then(({ canDraw, draw }) => {
      if (gone || !canDraw()) return;
      drawn = draw(into, pane, { palette: paletteOf(into), width, sync, onCursor });
    });
    return () => {
      gone = true;
      drawn?.destroy();
    };
  }, [element, pane, width, sync, scheme, onCursor]);
}
