import { Menu, UnstyledButton, useMantineColorScheme } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useLogout, useSession } from "@/api/session";
import { words } from "@/ui/format";
import { setConfirms, useConfirms } from "./preferences";
import classes from "./TopBar.module.css";

export function UserMenu({ onKeys }: { onKeys: () => void }) {
  const session = useSession();
  const logout = useLogout();
  const confirms = useConfirms();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const name = session?.user?.username ?? "";
  const isDark = colorScheme === "dark";
  return (
    <Menu position="bottom-end" shadow="md" width={230}>
      <Menu.Target>
        <UnstyledButton className={classes.user} aria-label={`User ${name}`}>
          <span aria-hidden="true">{name.slice(0, 2).toUpperCase() || "–"}</span>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {name} · {session?.roles.map(words).join(", ") || "no role"}
        </Menu.Label>
        <Menu.Item onClick={() => setColorScheme(isDark ? "light" : "dark")}>
          {isDark ? "Light theme" : "Dark theme"}
        </Menu.Item>
        <Menu.Item
          closeMenuOnClick={false}
          role="menuitemcheckbox"
          aria-checked={confirms}
          onClick={() => setConfirms(!confirms)}
        >
          Confirm orders: {confirms ? "on" : "off"}
        </Menu.Item>
        <Menu.Item onClick={onKeys}>Keyboard shortcuts</Menu.Item>
        <Menu.Item component="a" href="/admin/">
          Administration
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item onClick={() => logout.mutate(undefined, { onError: tellStillIn })}>Log out</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function tellStillIn(fault: Error): void {
  notifications.show({ title: "You are still logged in", message: fault.message, color: "red", autoClose: 8000 });
}
