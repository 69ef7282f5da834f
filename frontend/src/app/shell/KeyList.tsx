import { Kbd, Modal, Switch } from "@mantine/core";
import { useState } from "react";
import { areKeysOff, setKeysOff } from "@/ui/keys";
import classes from "./TopBar.module.css";

const KEYS: [string[], string][] = [
  [["/"], "Search a symbol (also Ctrl K)"],
  [["n"], "Order ticket (also F9)"],
  [["Shift B", "Shift S"], "Ticket with buy or sell chosen; never sends"],
  [["g t", "g a"], "Go to trade, agents"],
  [["1 … 6"], "Time frame, on the chart"],
  [["←", "→", "+", "−"], "Scroll and zoom, on the chart"],
  [["↑", "↓"], "Steps, in a figure of the ticket; rows, in the watchlist"],
  [["Shift Esc"], "Halt dialog; never halts by itself"],
  [["?"], "This list"],
];

export function KeyList({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const [off, setOff] = useState(areKeysOff);
  return (
    <Modal opened={isOpen} onClose={onClose} title="Keyboard shortcuts" size="md">
      <dl className={classes.keys}>
        {KEYS.map(([keys, says]) => (
          <div key={says}>
            <dt>
              {keys.map((key) => (
                <Kbd key={key} size="xs">
                  {key}
                </Kbd>
              ))}
            </dt>
            <dd>{says}</dd>
          </div>
        ))}
      </dl>
      <Switch
        mt="md"
        size="sm"
        label="Shortcuts on"
        checked={!off}
        onChange={(event) => {
          setKeysOff(!event.currentTarget.checked);
          setOff(!event.currentTarget.checked);
        }}
      />
      <p className={classes.attribution}>
        Candles are drawn by TradingView Lightweight Charts™, Copyright © 2026 TradingView, Inc.{" "}
        <a href="https://www.tradingview.com/" target="_blank" rel="noreferrer">
          tradingview.com
        </a>
      </p>
    </Modal>
  );
}
