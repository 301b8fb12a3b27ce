import { MayButton } from "./may-button";

/** Everybody sees it; whoever may not use it reads why. */
export default { title: "Settings/May button" };

export const Allowed = () => (
  <MayButton may onClick={() => undefined}>
    Invite
  </MayButton>
);

export const Forbidden = () => (
  <MayButton may={false} onClick={() => undefined}>
    Invite
  </MayButton>
);
