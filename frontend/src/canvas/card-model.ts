/** What each card of the canvas shows, put together from the document, the catalogue and a run. */

import { isOff } from "@/domain/document/switching-off";
import type { Step, Workflow } from "@/domain/document/workflow";
import { isMap, type JsonObject } from "@/domain/expressions/values";
import { type BranchLabel, branchesOf, isContainer } from "@/domain/layout/sizes";
import type { CardState } from "@/domain/runs/step-states";

export type Category = "ai" | "data" | "connect" | "flow" | "people";

/** How steps of a kind look: from the catalogue, so that a new kind needs nothing here. */
export interface KindLook {
  title: string;
  icon: string;
  category: Category;
}
export interface CardModel {
  path: string;
  id: string;
  title: string;
  /** What it is called for those who cannot see it. */
  name: string;
  kind: string;
  kindTitle: string;
  icon: string;
  category: Category;
  /** One line that says what the step is about. */
  subtitle: string;
  branches: BranchLabel[];
  isContainer: boolean;
  hasCondition: boolean;
  isOff: boolean;
  /** Runs of the draft take what is pinned instead of running it. */
  isPinned: boolean;
  errors: number;
  warnings: number;
  state: CardState | undefined;
}
export interface Overlay {
  looks: ReadonlyMap<string, KindLook>;
  problems: ReadonlyMap<string, { errors: number; warnings: number }>;
  states: ReadonlyMap<string, CardState>;
}

const UNKNOWN: KindLook = { title: "?", icon: "puzzle", category: "flow" };

export function cardModels(
  workflow: Workflow,
  overlay: Overlay,
  pins: JsonObject,
): Map<string, CardModel> {
  return new Map(workflow.steps.map((step) => [step.path, cardModel(step, overlay, pins)]));
}

function cardModel(step: Step, overlay: Overlay, pins: JsonObject): CardModel {
  const look = overlay.looks.get(step.kind) ?? { ...UNKNOWN, title: step.kind || "?" };
  const problems = overlay.problems.get(step.path) ?? { errors: 0, warnings: 0 };
  return {
    path: step.path,
    id: step.id,
    title: typeof step.data.title === "string" && step.data.title ? step.data.title : step.id,
    name: "",
    kind: step.kind,
    kindTitle: look.title,
    icon: look.icon,
    category: look.category,
    subtitle: knownSubtitle(step) || look.title,
    branches: branchesOf(step),
    isContainer: isContainer(step),
    isPinned: Object.hasOwn(pins, step.path),
    hasCondition: typeof step.data.if === "string" && !isOff(step.data),
    isOff: isOff(step.data),
    ...problems,
    state: overlay.states.get(step.path),
  };
}

const subtitles = new WeakMap<Step, string>();

/** Steps are never changed, only made anew; a run has new models ten times a second. */
function knownSubtitle(step: Step): string {
  const known = subtitles.get(step) ?? subtitleOf(step);
  subtitles.set(step, known);
  return known;
}

/** The most telling part of a step's own words. */
function subtitleOf(step: Step): string {
  const { data, kind } = step;
  const part = kind ? data[kind] : undefined;
  const inner = isMap(part) ? part : {};
  const words: Record<string, unknown> = {
    agent: `${String(part)} · ${oneLine(data.prompt)}`,
    llm: oneLine(data.prompt),
    tool: part,
    http: `${String(inner.method ?? "GET")} ${String(inner.url ?? "")}`,
    transform: oneLine(typeof part === "string" ? part : JSON.stringify(part)),
    code: oneLine(inner.source),
    loop: oneLine(inner.until ?? inner.over),
    approval: inner.title,
    wait: inner.for ?? inner.until ?? (isMap(inner.event) ? inner.event.name : undefined),
    workflow: part,
    emit: inner.topic,
    stop: inner.status,
  };
  const found = words[kind];
  return typeof found === "string" ? found.slice(0, 120) : "";
}

function oneLine(value: unknown): string {
  return typeof value === "string"
    ? value.replace(/\s+/g, " ").trim()
    : value === undefined
      ? ""
      : JSON.stringify(value);
}
