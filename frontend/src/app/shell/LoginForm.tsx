import { Button, PasswordInput, Stack, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { Problem } from "@/api/client";
import { useLogin } from "@/api/session";
import { Notice } from "@/ui/Notice";

export function LoginForm({ onDone, username }: { onDone?: () => void; username?: string }) {
  const login = useLogin();
  const [who, setWho] = useState({ username: username ?? "", password: "" });
  const send = (event: FormEvent) => {
    event.preventDefault();
    login.mutate(who, { onSuccess: (session) => session.user && onDone?.() });
  };
  return (
    <form onSubmit={send}>
      <Stack gap="sm">
        {login.error && <Notice tone="bad">{textOf(login.error)}</Notice>}
        <TextInput
          label="User"
          autoComplete="username"
          autoFocus={!username}
          required
          value={who.username}
          onChange={(event) => setWho({ ...who, username: event.currentTarget.value })}
        />
        <PasswordInput
          label="Password"
          autoComplete="current-password"
          autoFocus={Boolean(username)}
          required
          value={who.password}
          onChange={(event) => setWho({ ...who, password: event.currentTarget.value })}
        />
        <Button type="submit" loading={login.isPending} mt={4}>
          Log in
        </Button>
      </Stack>
    </form>
  );
}

function textOf(fault: Error): string {
  if (fault instanceof Problem && fault.isLoggedOut) return "User or password is wrong.";
  return fault.message;
}
