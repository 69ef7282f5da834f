import { Button, Modal } from "@mantine/core";
import type { OrderWish } from "@/api/shapes";
import { lotWords } from "@/ui/figures";
import { percentWords } from "./sized";

interface ConfirmProps {
  order: OrderWish;
  /** The lots that the preview tells now; null where it tells none. */
  lots: string | null;
  account: string;
  /** Why nothing can be sent now, or null. */
  blocked: string | null;
  onSend: (order: OrderWish) => void;
  onClose: () => void;
}

/** The summary of what goes out, word for word what is sent. */
export function Confirm({ order, lots, account, blocked, onSend, onClose }: ConfirmProps) {
  return (
    <Modal opened onClose={onClose} title="Send this order?" size="sm">
      <p>
        {order.side === "buy" ? "Buy" : "Sell"}{" "}
        {!order.risk_share && (
          <>
            <strong>{order.quantity}</strong> lots of{" "}
          </>
        )}
        <strong>{order.instrument}</strong>, {order.type}
        {order.price ? ` at ${order.price}` : ""}
        {order.stop_loss ? `, stop loss ${order.stop_loss}` : ""}
        {order.take_profit ? `, take profit ${order.take_profit}` : ""}
        {order.risk_share && (
          <>
            , sized to lose <strong>{percentWords(order.risk_share)}</strong> of equity at the stop loss
            {lots && ` (${lotWords(lots)} as things stand)`}
          </>
        )}
        {order.reduce_only ? ", reduce only" : ""}, on account {account}.
      </p>
      {blocked && <p role="status">{blocked}</p>}
      <Button fullWidth data-autofocus disabled={blocked !== null} onClick={() => onSend(order)}>
        Send
      </Button>
    </Modal>
  );
}
