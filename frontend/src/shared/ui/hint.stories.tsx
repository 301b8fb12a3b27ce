import { ActionIcon, Group } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { HintLayer } from "./hint";

/** Labels of buttons that have only an icon: by pointer and by focus. */
export default { title: "Hint" };

export const AboveAndBeside = () => (
  <Group p="xl">
    <ActionIcon aria-label="Add" data-hint="Add a step">
      <IconPlus size={16} />
    </ActionIcon>
    <ActionIcon aria-label="Add beside" data-hint="Add a step" data-hint-at="side">
      <IconPlus size={16} />
    </ActionIcon>
    <HintLayer />
  </Group>
);
