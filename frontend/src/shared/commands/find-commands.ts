/** Finds commands by what people type; a first character narrows the kind. */
import type { Command } from "./command-store";

const MOST = 60;

/** `>` what can be done, `@` steps of the open workflow, `#` places and workflows. */
const KINDS: Record<string, NonNullable<Command["kind"]>> = { ">": "do", "@": "step", "#": "go" };

/** Return the commands that fit, the best first, at most as many as can be read. */
export function findCommands(commands: readonly Command[], typed: string): Command[] {
  const kind = KINDS[typed[0] ?? ""];
  const words = (kind ? typed.slice(1) : typed).toLowerCase().split(/\s+/).filter(Boolean);
  const fitting = kind ? commands.filter((one) => (one.kind ?? "do") === kind) : commands;
  if (words.length === 0) return fitting.slice(0, MOST);
  return fitting
    .map((command) => ({ command, score: scoreOf(command, words) }))
    .filter(({ score }) => score > 0)
    .toSorted((one, other) => other.score - one.score)
    .slice(0, MOST)
    .map(({ command }) => command);
}

function scoreOf({ label, words: more = "" }: Command, words: string[]): number {
  const name = label.toLowerCase();
  const others = more.toLowerCase();
  let score = 0;
  for (const word of words) {
    const at = name.indexOf(word);
    const isStart = at === 0 || (at > 0 && /\W/.test(name[at - 1] ?? ""));
    const found = isStart ? 10 : at > 0 ? 5 : others.includes(word) ? 2 : 0;
    if (found === 0) return 0;
    score += found;
  }
  return score;
}
