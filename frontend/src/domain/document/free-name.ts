/** Names a workflow anew, so that it can stand beside the one it was made from. */
import { applyEdits } from "./text-edits";
import { readWorkflow } from "./workflow";
import { setAt } from "./yaml-edits";

/** Return a text under another name that begins like the given one. */
export function withFreeName(source: string, name: string): string {
  const suffix = crypto.randomUUID().slice(0, 4);
  const { tree } = readWorkflow(source);
  return applyEdits(source, setAt(tree, ["metadata", "name"], `${name.slice(0, 50)}-${suffix}`));
}
