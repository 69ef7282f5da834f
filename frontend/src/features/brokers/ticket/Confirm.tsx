import { Button, Modal } from "@mantine/core";
import type { OrderWish } from "@/api/shapes";

interface ConfirmProps {
  order: OrderWish;
  account: string;
  /** Why nothing can be sent now, or null. */
  blocked: string | null;
  onSend: (order: OrderWish) => void;
  onClose: () => void;
}

/** The summary of what goes out, word for word what is sent. */
export function Confirm({ order, account, blocked, onSend, onClose }: ConfirmProps) {
  return (
    <Modal opened onClose={onClose} title="Send this order?" size="sm">
      <p>
        {order.side === "buy" ? "Buy" : "Sell"} <strong>{order.quantity}</strong> lots of{" "}
        <strong>{order.instrument}</strong>, {order.type}
        {order.price ? ` at ${order.price}` : ""}
        {order.stop_loss ? `, stop loss ${order.stop_loss}` : ""}
        {order.take_profit ? `, take profit ${order.take_profit}` : ""}
        {order.reduce_only ? ", reduce only" : ""}, on account {account}.
      </p>
      {blocked && <p role="status">{blocked}</p>}
      <Button fullWidth data-autofocus disabled={blocked !== null} onClick={() => onSend(order)}>
        Send
      </Button>
    </Modal>
  );
}
