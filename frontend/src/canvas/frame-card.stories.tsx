import { ReactFlow } from "@xyflow/react";
import "@xyflow/react/dist/base.css";
import type { CardState } from "@/domain/runs/step-states";
import styles from "./canvas.module.css";
import { FrameCard } from "./frame-card";
import { frameNodes } from "./graph";
import { OneCard, STATE } from "./one-card";

/** Steps that belong together: a frame around them, or closed one card in their place. */
export default { title: "Canvas/Frame card" };

const STEPS =
  "steps:\n  facts: {agent: research, prompt: Find facts}\n  brief: {agent: analysis, prompt: Write, needs: [facts]}\n";
const GROUP = {
  id: "g1",
  title: "Writing",
  members: ["steps.facts", "steps.brief"],
  colour: "blue" as const,
};
const LAYOUT = { groups: [GROUP] };
const TYPES = { frame: FrameCard };
const ORIGIN = { x: 0, y: 0 };

/** Which groups are closed is kept by the browser of a person, so a closed one is drawn by itself. */
function Closed({ state }: { state?: CardState }) {
  const size = { x: 0, y: 0, width: 220, height: 84 };
  const members = { "steps.facts": ORIGIN, "steps.brief": ORIGIN };
  const nodes = frameNodes([{ group: GROUP, isClosed: true, members, state, ...size }]);
  return (
    <div className={styles.canvas} style={{ inlineSize: "100%", blockSize: 360 }}>
      <ReactFlow nodes={nodes} nodeTypes={TYPES} fitView nodesFocusable={false} />
    </div>
  );
}

export const Open = () => <OneCard steps={STEPS} layout={LAYOUT} />;
export const Selected = () => <OneCard steps={STEPS} layout={LAYOUT} selected={["group:g1"]} />;
export const ClosedToOneCard = () => <Closed />;
export const ClosedAndRunning = () => (
  <Closed state={{ ...STATE, status: "running", tokens: 90 }} />
);
export const ClosedAndFailed = () => <Closed state={{ ...STATE, status: "failed" }} />;
