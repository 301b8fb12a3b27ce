import { Group } from "@mantine/core";
import { StatusBadge } from "./status-badge";

/** A state is a colour, an icon and a word. */
export default { title: "Status badge" };

export const All = () => (
  <Group p="lg">
    <StatusBadge status="queued" />
    <StatusBadge status="running" />
    <StatusBadge status="waiting" />
    <StatusBadge status="succeeded" />
    <StatusBadge status="failed" />
    <StatusBadge status="skipped" />
    <StatusBadge status="cancelled" />
    <StatusBadge status="reused" />
  </Group>
);
