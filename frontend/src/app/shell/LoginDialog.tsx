import { Modal, Text } from "@mantine/core";
import { LoginForm } from "./LoginForm";

const ABOVE_OTHER_DIALOGS = 500;

/** Over an open page whose login has expired: what was typed below stays. */
export function LoginDialog({ isOpen, username }: { isOpen: boolean; username: string }) {
  return (
    <Modal
      opened={isOpen}
      onClose={() => undefined}
      withCloseButton={false}
      closeOnEscape={false}
      closeOnClickOutside={false}
      title="Your login has expired"
      size="sm"
      centered
      zIndex={ABOVE_OTHER_DIALOGS}
    >
      <Text size="sm" c="dimmed" mb="sm">
        Log in again to go on. Nothing you typed is lost; live data has stopped.
      </Text>
      {isOpen && <LoginForm username={username} />}
    </Modal>
  );
}
