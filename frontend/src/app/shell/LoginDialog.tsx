import { Modal, Text } from "@mantine/core";
import { LoginForm } from "./LoginForm";

/** Over an open page whose login has expired: what was typed below stays. */
export function LoginDialog({ isOpen }: { isOpen: boolean }) {
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
    >
      <Text size="sm" c="dimmed" mb="sm">
        Log in again to go on. Nothing you typed is lost; live data has stopped.
      </Text>
      {isOpen && <LoginForm />}
    </Modal>
  );
}
