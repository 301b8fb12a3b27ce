/** The baseline: React Flow as it comes, with its own nodes and wires, nothing beside it. */
import {
  type Edge,
  type Node,
  Position,
  ReactFlow,
  SelectionMode,
  useEdgesState,
  useNodesState,
} from "@xyflow/react";
import { createRoot } from "react-dom/client";
import "@xyflow/react/dist/style.css";
import { CARD } from "@/domain/layout/sizes";
import { grid } from "../../graph";

const MANY = 150;
const SNAP: [number, number] = [8, 8];
const query = new URLSearchParams(location.search);
const number = (name: string) => Number(query.get(name) ?? 0);
const placed = grid(number("count"));
const NODES: Node[] = placed.map(({ id, x, y }) => ({
  id,
  position: { x, y },
  width: CARD.width,
  height: CARD.height,
  sourcePosition: Position.Right,
  targetPosition: Position.Left,
  data: { label: id },
}));
const EDGES: Edge[] = placed.flatMap(({ id, needs }) =>
  needs.map((source) => ({ id: `${source}>${id}`, source, target: id })),
);
const VIEW = { x: number("x"), y: number("y"), zoom: number("zoom") };

/** What changes how much is drawn or moved is as in the builder; everything else is React Flow's own. */
function Bare() {
  const [nodes, , onNodesChange] = useNodesState(NODES);
  const [edges, , onEdgesChange] = useEdgesState(EDGES);
  return (
    <div style={{ width: number("width"), height: number("height") }}>
      <ReactFlow
        nodes={nodes}
        edges={edges}
        onNodesChange={onNodesChange}
        onEdgesChange={onEdgesChange}
        defaultViewport={VIEW}
        minZoom={0.1}
        maxZoom={2}
        selectionMode={SelectionMode.Partial}
        snapToGrid
        snapGrid={SNAP}
        zoomOnDoubleClick={false}
        onlyRenderVisibleElements={nodes.length > MANY}
      />
    </div>
  );
}

const root = document.getElementById("root");
if (root) createRoot(root).render(<Bare />);
