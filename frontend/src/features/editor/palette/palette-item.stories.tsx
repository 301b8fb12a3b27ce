import type { StepType } from "@/api/generated";
import { PaletteItem } from "./palette-item";

/** A kind of step that can be added. */
export default { title: "Editor/Palette item" };

const AGENT: StepType = {
  kind: "agent",
  title: "Agent",
  description: "Let an agent answer a prompt.",
  icon: "robot",
  category: "ai",
  category_title: "AI",
  synonyms: [],
  size: "large",
  available: true,
  unavailable_reason: null,
  ports: [],
  json_schema: {},
  example: {},
};
const add = () => undefined;

export const Available = () => <PaletteItem type={AGENT} onAdd={add} />;
export const NotAvailable = () => (
  <PaletteItem type={{ ...AGENT, available: false, unavailable_reason: "off" }} onAdd={add} />
);
export const OfEveryCategory = () =>
  (["ai", "data", "connect", "flow", "people"] as const).map((category) => (
    <PaletteItem key={category} type={{ ...AGENT, category, title: category }} onAdd={add} />
  ));
export const OfAnUnknownIcon = () => (
  <PaletteItem type={{ ...AGENT, icon: "nothing", title: "Something new" }} onAdd={add} />
);
