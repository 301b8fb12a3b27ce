import { ConfirmDialog } from "./confirm-dialog";

/** Asks before something that cannot be taken back. */
export default { title: "Settings/Confirm dialog" };

export const Asking = () => (
  <ConfirmDialog
    isOpen
    title="Revoke this key?"
    action="Revoke"
    onConfirm={async () => ({})}
    onClose={() => undefined}
  >
    Programs that use it are refused at once.
  </ConfirmDialog>
);
