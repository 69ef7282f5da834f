// Live data of the page: one entry per socket channel. Nothing here is kept anywhere else.
import { useEffect } from "react";
import { create } from "zustand";

export type ChannelState = "waiting" | "live" | "forbidden" | "failed";

export interface Channel<Data = unknown> {
  state: ChannelState;
  data: Data | undefined;
  epoch: string;
  seq: number;
  /** Wall milliseconds of the last frame. */
  at: number;
  problem?: string;
}

export type LinkState = "connecting" | "live" | "delayed" | "reconnecting" | "offline" | "refused";

export interface Link {
  state: LinkState;
  /** Seconds that frames come late, when state is "delayed". */
  delay_s: number;
  /** Wall milliseconds since when the link is not live; null while it is. */
  downSince: number | null;
  latency_ms: number | null;
}

export interface Live {
  channels: Readonly<Record<string, Channel>>;
  link: Link;
}

export const FIRST_LINK: Link = { state: "connecting", delay_s: 0, downSince: null, latency_ms: null };

export const useLive = create<Live>(() => ({ channels: {}, link: FIRST_LINK }));

/** What a page may ask of the socket; the app gives the one that is connected. */
export interface Subscriber {
  hold(channel: string): () => void;
}

let subscriber: Subscriber | null = null;
const waiting = new Set<{ channel: string; drop?: () => void }>();

export function connectLive(to: Subscriber | null): void {
  subscriber = to;
  for (const wish of waiting) wish.drop = to?.hold(wish.channel);
}

/** Keep `channels` subscribed while the component is mounted. */
export function useHold(channels: readonly string[]): void {
  const key = channels.join(" ");
  useEffect(() => {
    const wishes = key
      .split(" ")
      .filter(Boolean)
      .map((channel) => ({ channel, drop: subscriber?.hold(channel) }));
    for (const wish of wishes) waiting.add(wish);
    return () => {
      for (const wish of wishes) {
        waiting.delete(wish);
        wish.drop?.();
      }
    };
  }, [key]);
}

/** Subscribe to one channel and give its latest state; `null` subscribes to nothing. */
export function useChannel<Data>(channel: string | null): Channel<Data> | undefined {
  useHold(channel ? [channel] : []);
  return useLive((live) => (channel ? live.channels[channel] : undefined)) as Channel<Data> | undefined;
}

export function useLink(): Link {
  return useLive((live) => live.link);
}

/** Prices that come later than this are too old to act on. */
const TOO_OLD_MS = 5000;

/** True once the link has been down so long, or frames come so late, that prices are too old to act on. */
export function isSendingBlocked(link: Link, now: number): boolean {
  if (link.state === "delayed" && link.delay_s * 1000 >= TOO_OLD_MS) return true;
  return link.downSince !== null && now - link.downSince >= TOO_OLD_MS;
}

/** What panels say of live data that is not live: "reconnecting", "7 s late"; false while it is. */
export function staleness({ state, delay_s }: Link): string | false {
  if (state === "delayed") return delay_s * 1000 >= TOO_OLD_MS ? `${delay_s} s late` : false;
  return state === "live" || state === "connecting" ? false : state;
}

export function useStale(): string | false {
  return useLive((live) => staleness(live.link));
}
