import { VisuallyHidden } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { lazy, Suspense, useCallback, useMemo, useRef, useState } from "react";
import { useStale } from "@/api/live";
import { useMay, useSession } from "@/api/session";
import type { Order, Side } from "@/api/shapes";
import { OrderTicket } from "@/features/brokers/ticket/OrderTicket";
import { instrumentsQuery } from "@/features/marketdata/instruments";
import { useQuote } from "@/features/marketdata/quotes";
import { isTimeframe, type Timeframe } from "@/features/marketdata/timeframes";
import { Watchlist } from "@/features/marketdata/Watchlist";
import { useAccount } from "@/features/portfolio/account";
import { Blotter, TABS, type Tab } from "@/features/portfolio/blotter/Blotter";
import { EquityPanel } from "@/features/portfolio/EquityPanel";
import { useFills, usePositions } from "@/features/portfolio/fills";
import { useOrders } from "@/features/portfolio/orders";
import { LimitsPanel } from "@/features/risk/LimitsPanel";
import { levelOver, useBreakers } from "@/features/risk/levels";
import { useKeys } from "@/ui/keys";
import { useIsPhone } from "@/ui/phone";
import { Empty, Loading, NoPermission } from "@/ui/States";
import { Tabs } from "@/ui/Tabs";
import { useDesk } from "../desk";
import { isView, type View } from "../shell/BottomBar";
import { useConfirms } from "../shell/preferences";
import classes from "./trade.module.css";
import { useBlocked } from "./tradeBlocked";
import { useChanging } from "./tradeChanges";
import { linesOf, marksOf } from "./tradeMarks";

const CandleChart = lazy(() => import("@/features/marketdata/candles/CandleChart"));

export default function TradePage() {
  const { account } = useDesk();
  if (!account) return <NoPermission what="seeing any account" />;
  return <Trade key={account} account={account} />;
}

function Trade({ account }: { account: string }) {
  const search = useSearch({ from: "/desk/trade" });
  const navigate = useNavigate({ from: "/trade" });
  const instruments = useQuery(instrumentsQuery).data;
  const isPhone = useIsPhone();
  const symbol = instruments?.find(({ name }) => name === search.symbol)?.name ?? instruments?.[0]?.name;
  const timeframe: Timeframe = isTimeframe(search.tf) ? search.tf : "5m";
  const view: View = isView(search.view) ? search.view : "chart";
  const searchField = useRef<HTMLInputElement>(null);
  const quantityField = useRef<HTMLInputElement>(null);
  const [prefill, setPrefill] = useState<Side | null>(null);
  const forgetPrefill = useCallback(() => setPrefill(null), []);
  const stale = useStale();
  useDocumentTitle(`${symbol ?? "Trade"} · MTQuant`);

  const go = useCallback(
    (part: object) => void navigate({ search: (old) => ({ ...old, ...part }), replace: true }),
    [navigate],
  );
  const open = useCallback((id: string) => void navigate({ to: "/orders/$id", params: { id } }), [navigate]);
  const choose = useCallback(
    (name: string) => go({ symbol: name, view: isPhone ? "chart" : undefined }),
    [go, isPhone],
  );
  const digitsOf = useCallback(
    (name: string) => instruments?.find((one) => one.name === name)?.digits ?? 5,
    [instruments],
  );
  const press = (side: Side) => () => {
    if (isPhone) go({ view: "ticket" });
    setPrefill(side);
  };
  const find = () => (searchField.current ? searchField.current.focus() : go({ view: "chart" }));
  const ticket = () => (isPhone ? go({ view: "ticket" }) : quantityField.current?.focus());
  useKeys({ "/": find, "Mod+K": find, n: ticket, F9: ticket, "Shift+B": press("buy"), "Shift+S": press("sell") });

  const parts = {
    watchlist: (
      <Watchlist
        chosen={symbol}
        onChoose={choose}
        searchRef={searchField}
        stale={stale}
        className={classes.watchlist}
      />
    ),
    chart: symbol ? (
      <Chart
        account={account}
        symbol={symbol}
        timeframe={timeframe}
        onTimeframe={(tf) => go({ tf })}
        onOpen={open}
        stale={stale}
      />
    ) : (
      <div className={classes.chart}>{instruments ? <Empty title="No instruments yet" /> : <Loading />}</div>
    ),
    ticket: (
      <Ticket
        account={account}
        symbol={symbol}
        stale={stale}
        prefill={prefill}
        onPrefilled={forgetPrefill}
        quantityRef={quantityField}
        onOpen={open}
      />
    ),
    corner: <Corner account={account} stale={stale} />,
  };
  const { onChange, dialogs } = useChanging(account);
  const blotter = (tab: Tab) => (
    <BlotterOf
      account={account}
      onChange={onChange}
      tab={tab}
      onTab={(next) => go({ tab: next })}
      digitsOf={digitsOf}
      onOpen={open}
      onChoose={choose}
      stale={stale}
    />
  );
  const heading = (
    <>
      <VisuallyHidden component="h1">Trade {symbol}</VisuallyHidden>
      {dialogs}
    </>
  );
  const tab: Tab = TABS.find((one) => one === search.tab) ?? "positions";
  if (isPhone) {
    const orderTab = tab === "positions" ? "working" : tab;
    return (
      <div className={classes.phone}>
        {heading}
        {view === "chart" && (
          <>
            {parts.chart}
            {parts.watchlist}
          </>
        )}
        {view === "ticket" && parts.ticket}
        {view === "positions" && (
          <>
            {blotter("positions")}
            <EquityPanel account={account} stale={stale} className={classes.equity} />
            <LimitsPanel account={account} stale={stale} />
          </>
        )}
        {view === "orders" && blotter(orderTab)}
      </div>
    );
  }
  return (
    <div className={classes.page}>
      {heading}
      {parts.watchlist}
      {parts.chart}
      {parts.ticket}
      {parts.corner}
      {blotter(tab)}
    </div>
  );
}

const CORNERS = [
  { key: "equity", label: "Equity and drawdown" },
  { key: "limits", label: "Limits" },
] as const;
const CORNER_ID = "trade-corner";

/** Where the account stands: its equity, or the room that its limits leave. */
function Corner({ account, stale }: { account: string; stale: string | false }) {
  const [shown, setShown] = useState<(typeof CORNERS)[number]["key"]>("equity");
  const title = (
    <Tabs tabs={CORNERS} value={shown} onChange={setShown} label="Where the account stands" panelId={CORNER_ID} />
  );
  const part = { account, stale, title, className: classes.corner };
  return (
    <div id={CORNER_ID} className={classes.equity}>
      {shown === "equity" ? <EquityPanel {...part} /> : <LimitsPanel {...part} />}
    </div>
  );
}

interface ChartProps {
  account: string;
  symbol: string;
  timeframe: Timeframe;
  onTimeframe: (timeframe: Timeframe) => void;
  onOpen: (orderId: string) => void;
  stale: string | false;
}

function Chart({ account, symbol, timeframe, onTimeframe, onOpen, stale }: ChartProps) {
  const fills = useFills(account)?.data?.items;
  const orders = useOrders(account)?.data?.items;
  const positions = usePositions(account)?.data?.items;
  const marks = useMemo(() => marksOf(symbol, fills ?? [], orders ?? []), [symbol, fills, orders]);
  const lines = useMemo(() => linesOf(symbol, positions ?? [], orders ?? []), [symbol, positions, orders]);
  return (
    <Suspense fallback={<Loading text="Loading the chart" />}>
      <CandleChart
        className={classes.chart}
        instrument={symbol}
        timeframe={timeframe}
        onTimeframe={onTimeframe}
        marks={marks}
        lines={lines}
        onPick={onOpen}
        stale={stale}
      />
    </Suspense>
  );
}

interface TicketProps {
  account: string;
  symbol: string | undefined;
  stale: string | false;
  prefill: Side | null;
  onPrefilled: () => void;
  quantityRef: React.RefObject<HTMLInputElement | null>;
  onOpen: (orderId: string) => void;
}

function Ticket({ account, symbol, ...rest }: TicketProps) {
  const named = useSession()?.accounts.find((one) => one.slug === account) ?? null;
  const instrument = useQuery(instrumentsQuery).data?.find(({ name }) => name === symbol);
  const { quote } = useQuote(symbol);
  const holder = useAccount(account)?.data;
  return (
    <OrderTicket
      className={classes.ticket}
      account={named}
      instrument={instrument}
      quote={quote}
      maySend={useMay("order.send", { account })}
      blocked={useBlocked()}
      isHalted={levelOver(holder, useBreakers()) === 3}
      equity={holder?.equity}
      confirms={useConfirms()}
      {...rest}
    />
  );
}

interface BlotterOfProps {
  account: string;
  tab: Tab;
  onTab: (tab: Tab) => void;
  digitsOf: (name: string) => number;
  onOpen: (orderId: string) => void;
  onChoose: (name: string) => void;
  onChange: ((order: Order) => void) | undefined;
  stale: string | false;
}

function BlotterOf({ account, tab, onTab, digitsOf, onOpen, onChoose, onChange, stale }: BlotterOfProps) {
  return (
    <Blotter
      className={classes.blotter}
      account={account}
      tab={tab}
      onTab={onTab}
      digitsOf={digitsOf}
      onOrder={onOpen}
      onInstrument={onChoose}
      onChange={onChange}
      mayCancel={useMay("order.cancel", { account })}
      mayClose={useMay("position.close", { account })}
      stale={stale}
    />
  );
}
