/** How the form of an agent lets its tools be chosen; what draws it is another feature's and comes from the route. */
import type { ComponentType } from "react";

export type ToolChoice = ComponentType<{
  label: string;
  description: string;
  names: string[];
  /** The platform's that its kind can have. */
  offered: string[];
  onChange: (names: string[]) => void;
}>;
