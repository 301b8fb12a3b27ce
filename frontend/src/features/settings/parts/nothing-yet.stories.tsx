import { IconRobot } from "@tabler/icons-react";
import { NothingYet } from "./nothing-yet";

/** A list without a line. */
export default { title: "Settings/Nothing yet" };

export const Allowed = () => (
  <NothingYet words="agents" icon={IconRobot} may onNew={() => undefined} />
);

export const Forbidden = () => (
  <NothingYet words="agents" icon={IconRobot} may={false} onNew={() => undefined} />
);
