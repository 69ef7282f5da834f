// The bodies of /api/v1/ and of socket frames: names for what schema.ts generates from the server's description.
// Money, price and quantity are decimal strings; times are RFC 3339 UTC.
import type { components } from "./schema";

type Shapes = components["schemas"];

export type Level = Shapes["Level"];
export type Side = Shapes["Side"];
export type OrderType = Shapes["OrderType"];
export type OrderStatus = Shapes["OrderStatus"];
export type Session = Shapes["Session"];
export type Clock = Shapes["Clock"];
export type Instrument = Shapes["Instrument"];
export type Quote = Shapes["Quote"];
/** A quote that has prices: before the first tick there are none. */
export type Priced = Quote & { bid: string; ask: string; quote_at: string };
export type Bars = Shapes["Bars"];
/** open_epoch_s, open, high, low, close, volume, spread; mid prices. */
export type BarRow = Bars["bars"][number];
export type Account = Shapes["Account"];
export type AccountCurve = Shapes["AccountCurve"];
export type Reason = Shapes["Reason"];
export type Order = Shapes["Order"];
export type Fill = Shapes["Fill"];
export type Position = Shapes["Position"];
export type Breaker = Shapes["Breaker"];
export type Alert = Shapes["Alert"];
export type Connection = Shapes["Connection"];
/** A limit in force with what is used of it. */
export type Limit = Shapes["Limit"];
/** What waits for a second person. */
export type Change = Shapes["Change"];
/** One check of a review: what it looked at, and what it allowed. */
export type Check = Omit<Shapes["Check"], "elapsed_ms" | "soft"> & { elapsed_ms?: number | null; soft?: boolean };
export type OrderWish = Shapes["TicketRequest"];
/** Terms of a resting order; what is absent stays as it is. */
export type OrderTerms = Shapes["PatchedOrderTermsRequest"];
export type Preview = Shapes["Preview"];

export type Signal = Shapes["Signal"];
export type OrderLife = Omit<Shapes["OrderLife"], "review"> & {
  review: (Omit<Shapes["Review"], "checks"> & { checks: Check[] }) | null;
};
/** Pairs of numbers, which the description can only call lists. */
export type Points = [number, number][];
export type Progress = Omit<Shapes["Progress"], "curve"> & { curve: Points[] };
export type TrainingRun = Omit<Shapes["TrainingRun"], "progress"> & { progress: Progress };
export type EvaluationRow = Shapes["Score"];
type Curves = Record<string, Points>;
export type Evaluation = Omit<Shapes["Evaluation"], "equity" | "drawdown"> & { equity: Curves; drawdown: Curves };
export type Version = Shapes["Version"];
export type Agent = Omit<Shapes["Agent"], "training"> & { training: TrainingRun | null };
export type AgentDetail = Omit<Shapes["AgentDetail"], "training" | "evaluation" | "runs"> & {
  training: TrainingRun | null;
  evaluation: Evaluation | null;
  runs: TrainingRun[];
};

export interface Page<Row> {
  next: string | null;
  previous: string | null;
  results: Row[];
}

export interface Items<Row> {
  items: Row[];
}

/** application/problem+json */
export interface ProblemBody {
  type: string;
  title: string;
  status: number;
  detail?: string;
  instance?: string;
  request_id?: string;
  errors?: Shapes["ProblemPart"][];
  checks?: Check[];
  order?: string;
}
