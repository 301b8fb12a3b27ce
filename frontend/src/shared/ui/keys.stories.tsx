import { Stack } from "@mantine/core";
import { Keys } from "./keys";

/** Keys as they are printed on the keyboard. */
export default { title: "Keys" };

export const Several = () => (
  <Stack p="lg">
    <Keys keys="Mod+Shift+Z" />
    <Keys keys="Alt+ArrowRight" />
    <Keys keys="F2" />
  </Stack>
);
