/** What of the builder is open: panels, dialogs, the tab of the inspector, the tool of the pointer. */
import { useMemo, useState } from "react";
import { useLocation } from "react-router";
import type { Tool } from "./commands/editor-actions";
import { describedIn } from "./proposal/described";

export type Panel = "run" | "publish" | "versions" | "connect" | "extract" | "propose";
export type Bottom = "problems" | "history" | "logs" | "timeline";

export function useViews() {
  const [views, setViews] = useState(firstViews);
  const [panel, setPanel] = useState<Panel | undefined>(
    describedIn(useLocation().state) ? "propose" : undefined,
  );
  const [tool, setTool] = useState<Tool>("hand");
  const [tab, setTab] = useState("config");
  const [bottom, setBottom] = useState<Bottom>();
  const set = useMemo(
    () => ({
      panel: setPanel,
      tool: setTool,
      tab: setTab,
      /** What is shown is closed by asking for it again. */
      bottom: (wanted: Bottom) => setBottom((now) => (now === wanted ? undefined : wanted)),
      // They share a column: the one asked for last is shown.
      view: (view: "code" | "outline") =>
        setViews((known) => ({ code: false, outline: false, [view]: !known[view] })),
    }),
    [],
  );
  return { views, panel, tool, tab, bottom, set };
}

export type SetViews = ReturnType<typeof useViews>["set"];

/** On a phone the outline is how a workflow is edited. */
function firstViews() {
  return { code: false, outline: matchMedia("(max-width: 639px)").matches };
}
