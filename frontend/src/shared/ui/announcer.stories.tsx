import { Button } from "@mantine/core";
import { Announcer, announce } from "./announcer";

/** What happened, for people who cannot see it; nothing of it is drawn. */
export default { title: "Announcer" };

export const Speaking = () => (
  <>
    <Button onClick={() => announce("Moved")}>Say something</Button>
    <Announcer />
  </>
);
