import { Button } from "@mantine/core";
import { DialogFoot } from "./dialog-foot";

/** The end of a dialog. */
export default { title: "Dialog foot" };

const nothing = () => undefined;

export const WithAnAction = () => (
  <DialogFoot onClose={nothing}>
    <Button>Run</Button>
  </DialogFoot>
);

export const OnlyAWayOut = () => <DialogFoot onClose={nothing} way="Close" />;
