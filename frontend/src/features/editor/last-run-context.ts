/** What shows the last run below the canvas: the page that joins features gives it. */
import { type ComponentType, createContext } from "react";

export type LastRunView = ComponentType<{
  workflowId: string;
  show: "logs" | "timeline";
  chosen: string | undefined;
  onChoose: (runPath: string) => void;
}>;

export const LastRunContext = createContext<LastRunView | undefined>(undefined);
