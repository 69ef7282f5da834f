import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { sessionQuery } from "@/api/session";
import { Failed, Loading } from "@/ui/States";
import { LoginDialog } from "./LoginDialog";
import { Shell } from "./Shell";

/** Lets only people in who are logged in. A login that expires in an open page asks again above it, and loses nothing. */
export function Gate() {
  const session = useQuery(sessionQuery);
  const [wasIn, setWasIn] = useState(false);
  const isKnown = session.data !== undefined;
  const isIn = Boolean(session.data?.user);
  if (isIn && !wasIn) setWasIn(true);
  useLeave(isKnown && !isIn && !wasIn);
  if (isIn || wasIn) {
    return (
      <>
        <Shell />
        <LoginDialog isOpen={!isIn} />
      </>
    );
  }
  if (isKnown || session.isPending) return <Loading text="Opening the desk" />;
  return <Failed error={session.error} onRetry={() => void session.refetch()} />;
}

/** To the login, once, with the way back. */
function useLeave(isLeaving: boolean): void {
  const navigate = useNavigate();
  useEffect(() => {
    if (!isLeaving) return;
    const { pathname, search } = window.location;
    void navigate({ to: "/login", search: { next: pathname + search }, replace: true });
  }, [isLeaving, navigate]);
}
