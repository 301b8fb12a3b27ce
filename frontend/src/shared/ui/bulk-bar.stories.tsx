import { Button } from "@mantine/core";
import { BulkBar } from "./bulk-bar";

/** What can be done with several lines of a list. */
export default { title: "Bulk bar" };

export const Three = () => (
  <BulkBar
    label="Chosen runs"
    said="3 runs are chosen"
    clear="Choose none"
    onClear={() => undefined}
  >
    <Button size="xs">Cancel</Button>
  </BulkBar>
);
