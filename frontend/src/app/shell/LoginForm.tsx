import { Button, PasswordInput, Stack, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { Problem } from "@/api/client";
import { useLogin } from "@/api/session";
import { Notice } from "@/ui/Notice";

/** `username` is who was here before, where somebody was. */
export function LoginForm({ username }: { username?: string }) {
  const login = useLogin();
  const [who, setWho] = useState({ username: username ?? "", password: "" });
  const send = (event: FormEvent) => {
    event.preventDefault();
    login.mutate(who);
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
  return fault instanceof Problem && fault.isLoggedOut ? "User or password is wrong." : fault.message;
}
