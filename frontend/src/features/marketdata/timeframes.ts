export const TIMEFRAMES = [
  { key: "1m", seconds: 60 },
  { key: "5m", seconds: 300 },
  { key: "15m", seconds: 900 },
  { key: "1h", seconds: 3600 },
  { key: "4h", seconds: 14_400 },
  { key: "1d", seconds: 86_400 },
] as const;

export type Timeframe = (typeof TIMEFRAMES)[number]["key"];

export function isTimeframe(text: string | undefined): text is Timeframe {
  return TIMEFRAMES.some(({ key }) => key === text);
}

export function secondsOf(timeframe: Timeframe): number {
  return TIMEFRAMES.find(({ key }) => key === timeframe)?.seconds ?? 60;
}
