import { useMemo } from "react";
import { readWorkflow } from "@/domain/document/workflow";
import { EMPTY_LAYOUT, type Layout } from "@/domain/layout/layout";
import type { CardState } from "@/domain/runs/step-states";
import type { CanvasMode } from "./canvas-events";
import { CanvasView } from "./canvas-view";
import type { KindLook } from "./card-model";

const LOOKS = new Map<string, KindLook>([
  ["agent", { title: "Agent", icon: "robot", category: "ai" }],
  ["switch", { title: "Switch", icon: "arrows-split-2", category: "flow" }],
  ["loop", { title: "Loop", icon: "repeat", category: "flow" }],
  ["http", { title: "HTTP request", icon: "world-www", category: "connect" }],
]);
export const STATE: CardState = {
  status: "running",
  focus: "steps.write",
  executions: ["steps.write"],
  done: 0,
  attempt: 1,
  tokens: 0,
  usd: 0,
  started_at: "2026-03-07T10:00:00Z",
  finished_at: "2026-03-07T10:00:04Z",
};

interface Props {
  /** The steps of a document, as YAML. */
  steps: string;
  mode?: CanvasMode;
  layout?: Partial<Layout>;
  selected?: string[];
  states?: Record<string, CardState>;
  problems?: Record<string, { errors: number; warnings: number }>;
}

/** A small canvas with the real cards of a few steps: what the workshop shows of them. */
export function OneCard(props: Props) {
  const { steps, mode = "edit", selected = [] } = props;
  const { states = {}, problems = {} } = props;
  const workflow = useMemo(
    () => readWorkflow(`apiVersion: flowloom/v1\nkind: Workflow\nmetadata: {name: one}\n${steps}`),
    [steps],
  );
  const layout = useMemo(() => ({ ...EMPTY_LAYOUT, ...props.layout }), [props.layout]);
  const selection = useMemo(() => new Set(selected), [selected]);
  const overlay = useMemo(
    () => ({
      looks: LOOKS,
      states: new Map(Object.entries(states)),
      problems: new Map(Object.entries(problems)),
    }),
    [states, problems],
  );
  return (
    <div style={{ inlineSize: "100%", blockSize: 360 }}>
      <CanvasView
        workflow={workflow}
        layout={layout}
        mode={mode}
        selection={selection}
        {...overlay}
      />
    </div>
  );
}
