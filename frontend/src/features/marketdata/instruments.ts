import { queryOptions, useQuery } from "@tanstack/react-query";
import { read } from "@/api/client";
import type { Instrument } from "@/api/shapes";

export const instrumentsQuery = queryOptions({
  queryKey: ["instruments"],
  queryFn: ({ signal }) => read<Instrument[]>("/instruments/", { signal }),
  staleTime: 60_000,
  refetchInterval: 60_000,
});

export function useInstrument(name: string | undefined): Instrument | undefined {
  return useQuery(instrumentsQuery).data?.find((one) => one.name === name);
}
