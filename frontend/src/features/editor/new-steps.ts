/** What a new step is made of, and which wires it brings. */
import type { AddRequest } from "@/canvas/canvas-events";
import { disconnectEdits } from "@/domain/document/connections";
import type { Operation } from "@/domain/document/operations";
import type { Step, Workflow } from "@/domain/document/workflow";
import { isMap, type JsonObject, type JsonValue } from "@/domain/expressions/values";
import { arrange } from "@/domain/layout/arrange";
import { freePlace } from "@/domain/layout/free-place";
import type { Layout, Point } from "@/domain/layout/layout";
import { CARD } from "@/domain/layout/sizes";

/** Return the fields whose references draw a wire, so that it cannot be cut. */
export function cut(workflow: Workflow, source: string, target: string): string[] {
  const [from, to] = [workflow.byPath.get(source), workflow.byPath.get(target)];
  if (!from || !to) return [];
  const found = disconnectEdits(workflow, from, to);
  return "references" in found ? found.references : [];
}

/** Where a new step comes from: the step before it, and through which of its cases. */
function before(request: AddRequest) {
  const { source, branch, into } = request;
  return into ? { source: into.source, branch: into.branch } : { source, branch };
}

/** The step in the same block after which a new one is written, as it is carried out. */
export function predecessor(workflow: Workflow, request: AddRequest): Step | undefined {
  const { source } = before(request);
  const step = source === undefined ? undefined : workflow.byPath.get(source);
  return step?.block.id === request.block ? step : undefined;
}

/** A new step's wires: from the step before it, or in the place of the wire it is put into. */
export function wiresFor(request: AddRequest, path: string, refersTo?: string): Operation[] {
  const { source, branch } = before(request);
  const { into } = request;
  const first: Operation[] =
    source === undefined || source === refersTo
      ? []
      : [{ op: "connect", source, target: path, ...(branch === undefined ? {} : { branch }) }];
  if (!into) return first;
  return [
    ...first,
    { op: "disconnect", source: into.source, target: into.target },
    { op: "connect", source: path, target: into.target },
  ];
}

/** Kinds whose output a step after them is likely to want, and those of them that make text. */
const GIVERS: ReadonlySet<string> = new Set([
  "agent",
  "llm",
  "tool",
  "http",
  "transform",
  "code",
  "loop",
  "workflow",
]);
const WRITERS: ReadonlySet<string> = new Set(["agent", "llm"]);

/** Whether a new step of a kind can take the output of the step before it as it is. */
export function takes(kind: string, step: Step | undefined): step is Step {
  if (!step || !GIVERS.has(step.kind)) return false;
  const { output } = step.data;
  if (kind === "loop") return step.kind === "loop" || (isMap(output) && output.type === "array");
  return kind !== "tool" || (WRITERS.has(step.kind) && output === undefined);
}

const INPUT = /\$\{inputs\.(\w+)\}/g;

/**
 * The example of a kind speaks of inputs that are not here. It takes the output of the step before it instead, or
 * else an input of the same name; where there is neither, the name stands for what somebody will write.
 */
export function fresh(
  kind: string,
  example: JsonObject,
  workflow: Workflow,
  giver?: Step,
): JsonObject {
  if (kind === "switch") return { switch: [{ when: "${true}", then: [] }, { else: [] }] };
  const inputs = isMap(workflow.data.inputs) ? workflow.data.inputs.properties : undefined;
  const word = (name: string) => (kind === "loop" ? "${[1, 2, 3]}" : name);
  const written = (reference: string, name: string) => {
    if (giver) return `\${steps.${giver.id}.output}`;
    return isMap(inputs) && Object.hasOwn(inputs, name) ? reference : word(name);
  };
  return mapTexts(example, (text) => text.replace(INPUT, written)) as JsonObject;
}

/** Whether the output of a step stands in a new one, which draws their wire. */
export function refers(step: JsonObject, id: string): boolean {
  return JSON.stringify(step).includes(`\${steps.${id}.output}`);
}

function mapTexts(value: JsonValue, change: (text: string) => string): JsonValue {
  if (typeof value === "string") return change(value);
  if (Array.isArray(value)) return value.map((item) => mapTexts(item, change));
  if (!isMap(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, mapTexts(item, change)]),
  );
}

export function nameFor(kind: string, example: JsonObject): string {
  const value = example[kind];
  if (kind === "agent" && typeof value === "string") return value;
  if (kind === "http") return "request";
  if (kind === "llm") return "answer";
  return kind;
}

/** Where a new step stands: nowhere of its own beside steps that the layout places, and never on another card. */
export function placeFor(
  request: AddRequest,
  workflow: Workflow,
  layout: Layout,
): Point | undefined {
  const { at, into, source, isBeside } = request;
  if (!at) return undefined;
  const near = into ? [into.source, into.target] : isBeside && source ? [source] : [];
  if (near.length > 0 && near.every((path) => !layout.nodes[path])) return undefined;
  const corner = into ? { x: at.x - CARD.width / 2, y: at.y - CARD.height / 2 } : at;
  const beside = [...arrange(workflow, layout).values()].filter(
    ({ path }) => workflow.byPath.get(path)?.block.id === request.block,
  );
  return freePlace(snapped(corner), beside);
}

function snapped({ x, y }: { x: number; y: number }) {
  return { x: Math.round(x / 8) * 8, y: Math.round(y / 8) * 8 };
}
