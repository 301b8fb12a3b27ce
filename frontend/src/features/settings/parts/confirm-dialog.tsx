import { Text } from "@mantine/core";
import type { ReactNode } from "react";
import { Dialog } from "@/shared/ui/dialog";
import { DialogForm, type Outcome } from "./dialog-form";

/** Asks before something that cannot be taken back; stays open and says why when the server refuses. */
export function ConfirmDialog(props: {
  isOpen: boolean;
  title: string;
  children: ReactNode;
  action: string;
  onConfirm: () => Outcome;
  onClose: () => void;
}) {
  const confirm = async () => {
    const done = await props.onConfirm();
    if (!done.error) props.onClose();
    return done;
  };
  return (
    <Dialog opened={props.isOpen} onClose={props.onClose} title={props.title}>
      <DialogForm action={props.action} onSubmit={confirm} onClose={props.onClose} isDangerous>
        <Text size="md">{props.children}</Text>
      </DialogForm>
    </Dialog>
  );
}
