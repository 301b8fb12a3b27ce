import type { Conflict } from "@/domain/merge/merge-data";
import { ConflictChoice } from "./conflict-choice";

/** One place that two people changed otherwise. */
export default { title: "Editor/Conflict choice" };

const CONFLICT: Conflict = {
  path: "steps.write.prompt",
  base: "Write.",
  mine: "Write about trams.",
  theirs: "Write about buses.",
};
const choose = () => undefined;

export const Mine = () => <ConflictChoice conflict={CONFLICT} side="mine" onChoose={choose} />;
export const Theirs = () => <ConflictChoice conflict={CONFLICT} side="theirs" onChoose={choose} />;
export const TakenAway = () => (
  <ConflictChoice conflict={{ ...CONFLICT, theirs: undefined }} side="mine" onChoose={choose} />
);
export const WholeDocument = () => (
  <ConflictChoice conflict={{ ...CONFLICT, path: "" }} side="mine" onChoose={choose} />
);
