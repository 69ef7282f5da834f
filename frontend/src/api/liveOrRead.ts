// A live body where the socket has one; read over REST while the link is down, so that a page is never blank for it.
import { useQuery } from "@tanstack/react-query";
import { type Ask, read } from "./client";
import { type Channel, useChannel, useLink } from "./live";

const POLL_MS = 5_000;

/** The channel's state; its data is polled from `path` while the socket is not connected and has said nothing. */
export function useLiveOrRead<Data>(
  channel: string | null,
  path: string,
  ask: Omit<Ask, "signal"> = {},
  shaped: (body: never) => Data = (body) => body,
): Channel<Data> | undefined {
  const heard = useChannel<Data>(channel);
  const link = useLink();
  const isDown = link.state === "reconnecting" || link.state === "refused";
  const isAsked = channel !== null && isDown && heard?.data === undefined && heard?.state !== "forbidden";
  const polled = useQuery({
    queryKey: ["fallback", channel, path],
    queryFn: ({ signal }) => read<never>(path, { ...ask, signal }),
    enabled: isAsked,
    refetchInterval: POLL_MS,
    gcTime: POLL_MS,
    select: shaped,
  });
  if (!isAsked || polled.data === undefined) return heard;
  return { state: "live", data: polled.data, epoch: "", seq: -1, at: polled.dataUpdatedAt };
}

export const asItems = <Row>(rows: Row[]): { items: Row[] } => ({ items: rows });
export const pageAsItems = <Row>(page: { results: Row[] }): { items: Row[] } => ({ items: page.results });
