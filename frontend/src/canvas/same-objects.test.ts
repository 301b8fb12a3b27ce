/** What a canvas hands on is the same object while it looks the same: a change of one card draws one card. */
import { describe, expect, it } from "vitest";
import { readWorkflow } from "@/domain/document/workflow";
import type { CardState } from "@/domain/runs/step-states";
import { cardModels } from "./card-model";
import { NamedCards } from "./card-name";
import { CardStore } from "./card-store";
import { wiresOf } from "./graph";

const workflow = readWorkflow(`steps:
  a: {transform: "\${1}"}
  b: {transform: "\${steps.a.output}"}
  c: {transform: "\${steps.b.output}"}
`);
const say = (key: string, words: Record<string, unknown>) => `${key} ${JSON.stringify(words)}`;

function states(...running: string[]): Map<string, CardState> {
  return new Map(
    running.map((path) => [
      path,
      {
        status: "running" as const,
        focus: path,
        executions: [path],
        done: 0,
        attempt: 1,
        tokens: 0,
        usd: 0,
        started_at: null,
        finished_at: null,
      },
    ]),
  );
}

function models(known: Map<string, CardState>) {
  return cardModels(workflow, { looks: new Map(), problems: new Map(), states: known }, {});
}

describe("wires", () => {
  it("are the same objects while their tone is", () => {
    const before = wiresOf(workflow, states("steps.a"));
    const now = wiresOf(workflow, states("steps.a", "steps.b"));
    expect(now.map(({ data }) => data?.tone)).toEqual(["active", "idle"]);
    expect(now[0]).not.toBe(before[0]);
    expect(now[1]).toBe(before[1]);
    expect(wiresOf(workflow, states("steps.a"))[0]).toBe(before[0]);
  });
});

describe("cards", () => {
  it("keep their names, but for the one that changed", () => {
    const names = new NamedCards();
    const known = states("steps.a");
    const before = names.of(models(known), workflow, say);
    const now = names.of(models(new Map([...known, ...states("steps.b")])), workflow, say);
    expect(now.get("steps.a")).toBe(before.get("steps.a"));
    expect(now.get("steps.b")).not.toBe(before.get("steps.b"));
    expect(now.get("steps.b")?.name).toContain("status.running");
  });

  it("are named anew in another language", () => {
    const names = new NamedCards();
    names.of(models(new Map()), workflow, say);
    const german = names.of(models(new Map()), workflow, (key) => `deutsch ${key}`);
    expect(german.get("steps.a")?.name).toContain("deutsch");
  });

  it("are told when they changed, and only then", () => {
    const names = new NamedCards();
    const store = new CardStore();
    const told: string[] = [];
    store.update(names.of(models(new Map()), workflow, say));
    for (const path of ["steps.a", "steps.b"]) store.subscribe(path, () => told.push(path));
    store.update(names.of(models(states("steps.b")), workflow, say));
    expect(told).toEqual(["steps.b"]);
  });
});
