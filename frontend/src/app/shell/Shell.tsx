import { useQueryClient } from "@tanstack/react-query";
import { Outlet, useNavigate } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { connectLive } from "@/api/live";
import { forgetUser, isSignedIn, useMay, useSession } from "@/api/session";
import { DeskSocket } from "@/api/socket";
import { deskWire } from "@/api/wire";
import { HaltDialog } from "@/features/risk/HaltDialog";
import { useKeys } from "@/ui/keys";
import { DeskProvider, useDesk } from "../desk";
import { BottomBar } from "./BottomBar";
import { KeyList } from "./KeyList";
import classes from "./Shell.module.css";
import { TopBar } from "./TopBar";

/** What every page has around it. */
export function Shell() {
  useSocket();
  return (
    <DeskProvider>
      <Frame />
    </DeskProvider>
  );
}

function Frame() {
  const [dialog, setDialog] = useState<"halt" | "keys" | null>(null);
  const session = useSession();
  const { account: slug } = useDesk();
  const account = session?.accounts.find((one) => one.slug === slug) ?? null;
  const mayHalt = useMay("desk.halt");
  const navigate = useNavigate();
  useKeys({
    "?": () => setDialog("keys"),
    "Shift+?": () => setDialog("keys"),
    "Shift+Escape": () => mayHalt && setDialog("halt"),
    "g t": () => void navigate({ to: "/trade" }),
    "g a": () => void navigate({ to: "/agents" }),
  });
  return (
    <div className={classes.shell}>
      <TopBar onHalt={() => setDialog("halt")} onKeys={() => setDialog("keys")} />
      <main className={classes.main}>
        <Outlet />
      </main>
      <BottomBar onHalt={() => setDialog("halt")} mayHalt={mayHalt} />
      <HaltDialog
        isOpen={dialog === "halt"}
        onClose={() => setDialog(null)}
        account={account}
        isFresh={session?.password_fresh ?? false}
      />
      <KeyList isOpen={dialog === "keys"} onClose={() => setDialog(null)} />
    </div>
  );
}

/** One socket while somebody is logged in; a new login opens a new one. */
function useSocket(): void {
  const client = useQueryClient();
  const isIn = isSignedIn(useSession());
  useEffect(() => {
    if (!isIn) return;
    const socket = new DeskSocket({
      open: deskWire,
      onLoggedOut: () => forgetUser(client),
      isOnline: () => navigator.onLine,
    });
    socket.start();
    connectLive(socket);
    return () => {
      connectLive(null);
      socket.stop();
    };
  }, [client, isIn]);
}
