import { Notice } from "./notice";

/** Something to be read before one goes on. */
export default { title: "Settings/Notice" };

export const Waiting = () => <Notice tone="waiting">This is shown once.</Notice>;

export const Failed = () => (
  <Notice tone="failed" title="Not saved" isUrgent>
    The name is taken.
  </Notice>
);
