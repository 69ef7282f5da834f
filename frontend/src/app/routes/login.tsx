import { Text } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect } from "react";
import { isSignedIn, sessionQuery } from "@/api/session";
import { LoginForm } from "../shell/LoginForm";
import classes from "./login.module.css";

export default function LoginPage() {
  useDocumentTitle("Log in · MTQuant");
  const { next } = useSearch({ from: "/login" });
  const session = useQuery(sessionQuery);
  const navigate = useNavigate();
  const isIn = isSignedIn(session.data);
  useEffect(() => {
    if (isIn) void navigate({ href: inside(next), replace: true });
  }, [isIn, next, navigate]);
  return (
    <main className={classes.page}>
      <div className={classes.card}>
        <h1 className={classes.name}>MTQuant</h1>
        <Text size="sm" c="dimmed" mb="md">
          Log in to the desk{session.data ? ` (${session.data.mode})` : ""}.
        </Text>
        <LoginForm />
      </div>
    </main>
  );
}

/** Only a path of this desk: an address from outside is not followed. */
export function inside(next: string | undefined): string {
  return next && /^\/(?![/\\])/.test(next) && !next.startsWith("/login") ? next : "/trade";
}
