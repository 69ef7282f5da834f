import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect } from "react";
import { isSignedIn, sessionQuery } from "@/api/session";
import { Failed, Loading } from "@/ui/States";
import { LoginDialog } from "./LoginDialog";
import { Shell } from "./Shell";

/**
 * Lets only people in who are logged in. A login that expires in an open page asks again above it, and loses nothing;
 * another person who logs in there begins with an empty page.
 */
export function Gate() {
  const session = useQuery(sessionQuery);
  const user = session.data?.user;
  useLeave(session.data !== undefined && !user);
  if (user) {
    return (
      <>
        <Shell key={user.id} />
        <LoginDialog isOpen={!isSignedIn(session.data)} username={user.username} />
      </>
    );
  }
  if (session.data || session.isPending) return <Loading text="Opening the desk" />;
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
