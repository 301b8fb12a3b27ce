import { Text } from "@mantine/core";
import { Dialog } from "./dialog";

/** A dialog whose way out has a name. */
export default { title: "Dialog" };

export const Open = () => (
  <Dialog opened onClose={() => undefined} title="Run this draft">
    <Text>This workflow needs no inputs.</Text>
  </Dialog>
);
