import { ShownOnce } from "./shown-once";

/** Something that the server says once. */
export default { title: "Settings/Shown once" };

export const Shown = () => (
  <ShownOnce label="Key" value="shown here once" onDone={() => undefined} />
);
