import { NOTE_COLOURS, type NoteColour } from "@/domain/layout/layout";
import { OneCard } from "./one-card";

/** A remark beside the steps. */
export default { title: "Canvas/Note card" };

const STEPS = "steps:\n  write: {agent: research, prompt: Write about trams}\n";
const TEXT = "Ask Ada before you change the prompt: the brief is read aloud on Mondays.";
const note = (id: string, colour: NoteColour, y = 120, text = TEXT) => ({
  id,
  colour,
  text,
  x: 0,
  y,
  width: 260,
  height: 90,
});

export const Colours = () => (
  <OneCard
    steps={STEPS}
    layout={{ notes: NOTE_COLOURS.map((colour, at) => note(colour, colour, 120 + at * 110)) }}
  />
);
export const Selected = () => (
  <OneCard steps={STEPS} layout={{ notes: [note("a", "yellow")] }} selected={["note:a"]} />
);
export const BeingWritten = () => (
  <OneCard steps={STEPS} layout={{ notes: [note("a", "blue", 120, "")] }} />
);
export const InARun = () => (
  <OneCard steps={STEPS} mode="run" layout={{ notes: [note("a", "grey")] }} />
);
