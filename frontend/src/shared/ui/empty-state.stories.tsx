import { Button } from "@mantine/core";
import { IconActivity } from "@tabler/icons-react";
import { EmptyState } from "./empty-state";

/** What would be here, why it is not, and what to do. */
export default { title: "Empty state" };

export const Empty = () => (
  <EmptyState
    icon={IconActivity}
    title="Nothing has run yet"
    actions={<Button>Open workflows</Button>}
  >
    Open a workflow and press Run. Its progress appears here, live.
  </EmptyState>
);

export const WithoutAWayOn = () => (
  <EmptyState icon={IconActivity} title="Nothing fits">
    No run fits what you are looking for.
  </EmptyState>
);
