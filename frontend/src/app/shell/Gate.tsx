import { useQuery } from "@tanstack/react-query";
import { Navigate, useLocation } from "@tanstack/react-router";
import { useState } from "react";
import { sessionQuery } from "@/api/session";
import { Failed, Loading } from "@/ui/States";
import { LoginDialog } from "./LoginDialog";
import { Shell } from "./Shell";

/** Lets only people in who are logged in. A login that expires in an open page asks again above it, and loses nothing. */
export function Gate() {
  const session = useQuery(sessionQuery);
  const [wasIn, setWasIn] = useState(false);
  const { href } = useLocation();
  if (session.data === undefined) {
    return session.isPending ? (
      <Loading text="Opening the desk" />
    ) : (
      <Failed error={session.error} onRetry={() => void session.refetch()} />
    );
  }
  if (session.data.user && !wasIn) setWasIn(true);
  if (!session.data.user && !wasIn) return <Navigate to="/login" search={{ next: href }} replace />;
  return (
    <>
      <Shell />
      <LoginDialog isOpen={session.data.user === null} />
    </>
  );
}
