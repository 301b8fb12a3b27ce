import { ReactFlow, ReactFlowProvider, SelectionMode } from "@xyflow/react";
import { type ReactNode, useMemo } from "react";
import "@xyflow/react/dist/base.css";
import type { Workflow } from "@/domain/document/workflow";
import type { Layout } from "@/domain/layout/layout";
import styles from "./canvas.module.css";
import { CanvasControls } from "./canvas-controls";
import { CanvasDots } from "./canvas-dots";
import {
  type CanvasEvents,
  CanvasEventsProvider,
  type CanvasMode,
  NO_EVENTS,
} from "./canvas-events";
import { CanvasMap } from "./canvas-map";
import type { Overlay } from "./card-model";
import { CardStoreProvider } from "./card-store";
import { ContainerCard } from "./container-card";
import { FrameCard } from "./frame-card";
import { foldedWires } from "./frames";
import { wiresOf } from "./graph";
import { NoteCard } from "./note-card";
import { StepCard } from "./step-card";
import { useCanvasKeys } from "./use-canvas-keys";
import { useCanvasNodes } from "./use-canvas-nodes";
import { useCards } from "./use-cards";
import { useDropping } from "./use-dropping";
import { MIN_ZOOM, useFirstView } from "./use-first-view";
import { useGraph } from "./use-graph";
import { useReveal } from "./use-reveal";
import { useSelecting } from "./use-selecting";
import { useWiring } from "./use-wiring";
import { Wire } from "./wire-edge";
import { useNewWriting, WritingProvider } from "./writing";

export interface CanvasProps extends Overlay {
  workflow: Workflow;
  layout: Layout;
  mode: CanvasMode;
  selection: ReadonlySet<string>;
  events?: CanvasEvents;
  /** Dragging the empty canvas moves it, or draws a box around what is selected then. */
  tool?: "hand" | "select";
  /** Under which name is remembered which groups the person has closed. */
  memory?: string | undefined;
  children?: ReactNode;
}

// Made anew in a component, they would make every card draw itself on every step of a drag.
const NODE_TYPES = { step: StepCard, container: ContainerCard, note: NoteCard, frame: FrameCard };
const EDGE_TYPES = { wire: Wire };
const SNAP: [number, number] = [8, 8];
const MANY_CARDS = 150;
const MIDDLE_BUTTON = [1];

/** The workflow as a graph, to be edited or to be watched. */
export function CanvasView(props: CanvasProps) {
  return (
    <ReactFlowProvider>
      <Canvas {...props} />
    </ReactFlowProvider>
  );
}

function Canvas(props: CanvasProps) {
  const { workflow, mode, selection, events = NO_EVENTS, children } = props;
  const { store, cards } = useCards(props);
  const writing = useNewWriting(props.memory);
  const { given, standing } = useGraph({ ...props, closed: writing.closed });
  const edges = useMemo(
    () => foldedWires(wiresOf(workflow, props.states), standing),
    [workflow, props.states, standing],
  );
  const { nodes, flush, handlers } = useCanvasNodes(given, selection, events);
  const selecting = useSelecting(selection, edges, events);
  const notes = useMemo(
    () => given.filter((node) => node.type === "note").map((node) => node.id),
    [given],
  );
  const wiring = useWiring(workflow, events);
  const dropping = useDropping(workflow, events);
  const keys = useCanvasKeys({
    workflow,
    cards,
    selection,
    events,
    mode,
    wires: selecting.selectedWires,
    writing,
    notes,
  });
  const { box, view } = useFirstView(given);
  useReveal(selection);
  const context = useMemo(() => ({ events, mode }), [events, mode]);
  const isEditing = mode === "edit";
  return (
    <CardStoreProvider value={store}>
      <CanvasEventsProvider value={context}>
        <WritingProvider value={writing}>
          <div className={styles.canvas} ref={box} {...keys} {...(isEditing ? dropping : {})}>
            {view && (
              <ReactFlow
                nodes={nodes}
                edges={selecting.edges}
                nodeTypes={NODE_TYPES}
                edgeTypes={EDGE_TYPES}
                {...handlers}
                onNodeDragStop={flush}
                onSelectionDragStop={flush}
                {...selecting.handlers}
                {...(isEditing ? wiring : {})}
                nodesDraggable={isEditing}
                nodesConnectable={isEditing}
                nodesFocusable={false}
                edgesFocusable={false}
                disableKeyboardA11y
                deleteKeyCode={null}
                selectionMode={SelectionMode.Partial}
                connectionRadius={28}
                snapToGrid={isEditing}
                snapGrid={SNAP}
                minZoom={MIN_ZOOM}
                maxZoom={2}
                {...view}
                zoomOnDoubleClick={false}
                panOnDrag={props.tool === "select" ? MIDDLE_BUTTON : true}
                selectionOnDrag={props.tool === "select"}
                elevateNodesOnSelect={false}
                onlyRenderVisibleElements={nodes.length > MANY_CARDS}
                proOptions={{ hideAttribution: true }}
              >
                <CanvasDots />
                <CanvasControls>{children}</CanvasControls>
                <CanvasMap nodes={given} cards={cards} />
              </ReactFlow>
            )}
          </div>
        </WritingProvider>
      </CanvasEventsProvider>
    </CardStoreProvider>
  );
}
