import type { ReactNode } from "react";
import { Dialog } from "@/shared/ui/dialog";

/** Asks, then shows what was made for it the only time; a click beside the dialog does not lose that. */
export function OnceDialog(props: {
  isOpen: boolean;
  title: string;
  /** What is shown once, as soon as there is something. */
  made: ReactNode;
  onClose: () => void;
  children: ReactNode;
}) {
  const { isOpen, title, made, onClose, children } = props;
  return (
    <Dialog
      opened={isOpen}
      onClose={onClose}
      title={title}
      size="lg"
      closeOnClickOutside={!made}
      closeOnEscape={!made}
    >
      {made || children}
    </Dialog>
  );
}
