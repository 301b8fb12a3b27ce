/** Names of steps that are no steps where they stand: in `needs`, in the cases of a switch, in expressions. */
import { nearest } from "@/shared/lib/nearest";
import { nodeAt, type Path, type TreeNode, writtenPath } from "../document/source-tree";
import type { Block, Step, Workflow } from "../document/workflow";
import { isMap } from "../expressions/values";
import { chainOf, holderOf } from "./blocks";
import type { Found } from "./found";

type Told = Pick<Found, "code" | "message" | "hint">;

export function stepNameProblems(workflow: Workflow): Found[] {
  return workflow.steps.flatMap((step) => [
    ...inList(workflow, [...step.parts, "needs"], step.block),
    ...(step.kind === "switch" ? inSwitch(workflow, step) : []),
  ]);
}

function inSwitch(workflow: Workflow, step: Step): Found[] {
  const cases = Array.isArray(step.data.switch) ? step.data.switch : [];
  return cases.flatMap((one, position) => {
    const field = isMap(one) && "else" in one ? "else" : "then";
    const path = [...step.parts, "switch", position, field];
    const node = nodeAt(workflow.tree.root, path);
    if (node?.type === "sequence") return inList(workflow, path, step.block);
    return node ? inName(workflow, path, node, step.block) : [];
  });
}

function inList(workflow: Workflow, path: Path, block: Block): Found[] {
  const node = nodeAt(workflow.tree.root, path);
  if (node?.type !== "sequence") return [];
  return node.items.flatMap((item, at) => inName(workflow, [...path, at], item, block));
}

function inName(workflow: Workflow, path: Path, node: TreeNode, block: Block): Found[] {
  if (node.type !== "scalar" || typeof node.value !== "string") return [];
  const name = node.value;
  if (name.includes("${") || Object.hasOwn(block.steps, name)) return [];
  const place = { path: writtenPath(path), start: node.start, end: node.end };
  return [{ ...(besideOnly(block, name, path) ?? unknownStep(workflow, name, block)), ...place }];
}

/** It is in sight, but not beside. */
function besideOnly(block: Block, name: string, path: Path): Told | undefined {
  if (!holderOf(block, name)) return undefined;
  const holder = block.owner ?? "on_failure";
  const isNeed = block.owner !== undefined && path.slice(-2).includes("needs");
  return {
    code: "unknown_step",
    message: `'${name}' does not stand beside this step but outside of '${holder}'.`,
    hint: isNeed ? `Name it in the needs of '${holder}'.` : undefined,
  };
}

/** Return what is wrong with a name that no block around has. */
export function unknownStep(workflow: Workflow, name: string, block: Block): Told {
  const holder = workflow.blocks.find(
    (one) => one.kind !== "undo" && Object.hasOwn(one.steps, name),
  );
  const known = chainOf(block).flatMap((outer) => Object.keys(outer.steps));
  const meant = nearest(name, known);
  const hint = meant ? `Did you mean ${meant}?` : undefined;
  const code = "inner_step_out_of_scope";
  if (holder?.owner !== undefined) {
    const only = `Outside, only steps.${holder.owner}.output exists.`;
    return { code, message: `'${name}' is a step inside '${holder.owner}'.`, hint: only };
  }
  if (holder?.kind === "on_failure")
    return { code, message: `'${name}' exists only inside on_failure.`, hint };
  return { code: "unknown_step", message: `There is no step '${name}'.`, hint };
}
