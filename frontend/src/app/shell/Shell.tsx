import { useQueryClient } from "@tanstack/react-query";
import { Outlet } from "@tanstack/react-router";
import { useEffect } from "react";
import { connectLive } from "@/api/live";
import { forgetUser, useSession } from "@/api/session";
import { DeskSocket, deskWire } from "@/api/socket";
import { DeskProvider } from "../desk";
import classes from "./Shell.module.css";

export function Shell() {
  useSocket();
  return (
    <DeskProvider>
      <div className={classes.shell}>
        <main className={classes.main}>
          <Outlet />
        </main>
      </div>
    </DeskProvider>
  );
}

/** One socket while somebody is logged in; a new login opens a new one. */
function useSocket(): void {
  const client = useQueryClient();
  const user = useSession()?.user?.id;
  useEffect(() => {
    if (user === undefined) return;
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
  }, [client, user]);
}
