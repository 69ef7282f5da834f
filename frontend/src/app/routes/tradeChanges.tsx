// Changes of working orders: each stays until the venue has answered, also when its dialog was closed meanwhile.
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useCallback, useRef, useState } from "react";
import { useMay, useSession } from "@/api/session";
import type { Order } from "@/api/shapes";
import { changeableOf, connectionsQuery } from "@/features/brokers/connections";
import { instrumentsQuery } from "@/features/marketdata/instruments";
import { useQuote } from "@/features/marketdata/quotes";
import { ChangeOrder, type ChangeOrderProps } from "@/features/portfolio/changing/ChangeOrder";
import { useOrders } from "@/features/portfolio/orders";
import { useBlocked } from "./tradeBlocked";

interface Changing {
  /** Opens the dialog; undefined where the person may not change orders. */
  onChange: ((order: Order) => void) | undefined;
  dialogs: ReactNode;
}

export function useChanging(account: string): Changing {
  const [asked, setAsked] = useState<readonly Order[]>([]);
  const [open, setOpen] = useState("");
  const opener = useRef<Element | null>(null);
  const onChange = useCallback((order: Order) => {
    opener.current = document.activeElement;
    setAsked((old) => [...old.filter(({ id }) => id !== order.id), order]);
    setOpen(order.id);
  }, []);
  const forget = useCallback((gone: string) => setAsked((old) => old.filter(({ id }) => id !== gone)), []);
  const close = () => {
    setOpen("");
    requestAnimationFrame(() => giveBack(opener.current));
  };
  const dialogs = asked.map((first) => (
    <Dialog key={first.id} first={first} isOpen={open === first.id} onClose={close} onForget={forget} />
  ));
  return { onChange: useMay("order.send", { account }) ? onChange : undefined, dialogs };
}

/** The focus goes back to the button that opened the dialog; where that is off meanwhile, to its row. */
function giveBack(opener: Element | null): void {
  const isOff = opener instanceof HTMLButtonElement && opener.disabled;
  const target = isOff ? opener.closest('[role="row"]') : opener;
  if (target instanceof HTMLElement) target.focus();
}

type DialogProps = Pick<ChangeOrderProps, "isOpen" | "onClose"> & {
  /** As it was when the dialog was asked for. */
  first: Order;
  onForget: (id: string) => void;
};

function Dialog({ first, onForget, ...rest }: DialogProps) {
  const order = useOrders(first.account)?.data?.items.find(({ id }) => id === first.id) ?? first;
  const instrument = useQuery(instrumentsQuery).data?.find(({ name }) => name === order.instrument);
  const { quote } = useQuote(order.instrument);
  const connections = useQuery(connectionsQuery).data;
  const currency = useSession()?.accounts.find(({ slug }) => slug === order.account)?.currency ?? "";
  const onDone = useCallback(() => onForget(order.id), [onForget, order.id]);
  return (
    <ChangeOrder
      {...rest}
      order={order}
      blocked={useBlocked()}
      instrument={instrument}
      quote={quote}
      changeable={changeableOf(connections, order.account)}
      currency={currency}
      onDone={onDone}
    />
  );
}
