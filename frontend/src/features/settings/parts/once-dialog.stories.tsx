import { OnceDialog } from "./once-dialog";
import { ShownOnce } from "./shown-once";

/** Asks, then shows something the only time. */
export default { title: "Settings/Once dialog" };

export const Asking = () => (
  <OnceDialog isOpen title="New key" made={null} onClose={() => undefined}>
    What is it for?
  </OnceDialog>
);

export const Made = () => (
  <OnceDialog
    isOpen
    title="Your new key"
    made={<ShownOnce label="Key" value="shown here once" onDone={() => undefined} />}
    onClose={() => undefined}
  >
    What is it for?
  </OnceDialog>
);
