import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useMay, useSession } from "@/api/session";
import { useAccount } from "@/features/portfolio/account";
import { ApprovalsBadge } from "@/features/risk/ApprovalsBadge";
import { BreakerPill } from "@/features/risk/BreakerPill";
import { useBreakers } from "@/features/risk/levels";
import { useDesk } from "../desk";
import { AccountFigures, AccountPicker } from "./AccountFigures";
import { AlertsMenu } from "./AlertsMenu";
import { DeskClock } from "./DeskClock";
import { LinkPill } from "./LinkPill";
import classes from "./TopBar.module.css";
import { UserMenu } from "./UserMenu";

export function TopBar({ onHalt, onKeys }: { onHalt: () => void; onKeys: () => void }) {
  const mode = useSession()?.mode ?? "";
  const { account: slug } = useDesk();
  const account = useAccount(slug)?.data;
  const breakers = useBreakers();
  const mayHalt = useMay("desk.halt");
  const mayApprove = useMay("change.approve");
  return (
    <header className={classes.bar}>
      <div className={classes.left}>
        <Link to="/trade" className={classes.brand}>
          MTQuant
        </Link>
        {mode && <span className={`${classes.mode} ${mode === "LIVE" ? classes.isLive : ""}`}>{mode}</span>}
        <LinkPill />
        <nav className={classes.nav} aria-label="Pages">
          <Link to="/trade" activeProps={{ "aria-current": "page" }}>
            Trade
          </Link>
          <Link to="/agents" activeProps={{ "aria-current": "page" }}>
            Agents
          </Link>
        </nav>
      </div>
      <DeskClock />
      <div className={classes.middle}>
        <AccountPicker />
        <AccountFigures account={account} />
      </div>
      <div className={classes.right}>
        <BreakerPill account={account} breakers={breakers} />
        <Button
          size="compact-sm"
          className={classes.halt}
          onClick={onHalt}
          disabled={!mayHalt}
          title={mayHalt ? "Stop trading (Shift Esc)" : "Your role does not include halting"}
        >
          HALT
        </Button>
        {mayApprove && <ApprovalsBadge />}
        <AlertsMenu />
        <UserMenu onKeys={onKeys} />
      </div>
    </header>
  );
}
