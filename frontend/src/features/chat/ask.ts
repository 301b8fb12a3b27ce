/** How a question of a run is answered inside the conversation; the route brings it, as it belongs to another feature. */
import { type ComponentType, createContext } from "react";

export const Ask = createContext<ComponentType<{ approvalId: string }> | null>(null);
