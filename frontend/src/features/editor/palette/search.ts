/** Finds kinds of steps by what people call them. */
import type { StepType } from "@/api/generated";

/** Return the kinds that all words fit, the best first; without words all in their order. */
export function search(items: readonly StepType[], words: string): StepType[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  if (wanted.length === 0) return [...items];
  return items
    .map((item) => ({ item, score: scoreOf(item, wanted) }))
    .filter(({ score }) => score > 0)
    .toSorted((one, other) => other.score - one.score)
    .map(({ item }) => item);
}

function scoreOf(item: StepType, words: string[]): number {
  const names = [item.title, item.kind].map((name) => name.toLowerCase());
  const others = [...item.synonyms, item.category_title].map((name) => name.toLowerCase());
  let score = 0;
  for (const word of words) {
    const found = Math.max(
      ...names.map((name) =>
        name.startsWith(word) ? 10 : name.includes(word) ? 6 : isSpelled(name, word) ? 2 : 0,
      ),
      ...others.map((name) => (name.startsWith(word) ? 5 : name.includes(word) ? 3 : 0)),
      item.description.toLowerCase().includes(word) ? 1 : 0,
    );
    if (found === 0) return 0;
    score += found;
  }
  return score;
}

/** Whether the letters of a word come in a name in their order. */
function isSpelled(name: string, word: string): boolean {
  let at = -1;
  return [...word].every((letter) => {
    at = name.indexOf(letter, at + 1);
    return at >= 0;
  });
}
