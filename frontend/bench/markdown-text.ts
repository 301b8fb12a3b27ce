/** Markdown as a model writes it: headings, prose with emphasis, lists, tables and code, one token after the other. */

const WORDS =
  "Night buses carry one in nine passengers of the city and two lines lose money after one".split(
    " ",
  );

/** Return so many tokens; the last word of the text is `word-<count - 1>`. */
export function markdownTokens(count: number): string[] {
  return Array.from({ length: count }, (_, n) =>
    n === count - 1
      ? ` word-${n}`
      : (SHAPES[Math.floor(n / PART) % SHAPES.length] ?? prose)(n, n % PART),
  );
}

/** How many tokens a part of the text has. */
const PART = 48;

type Shape = (n: number, at: number) => string;

const prose: Shape = (n, at) => {
  if (at === 0) return `\n\n## Part ${Math.floor(n / PART)}\n\n`;
  if (at === 24) return "\n\n";
  return at % 12 === 5 ? `**${word(n)}** ` : at % 12 === 9 ? `\`${word(n)}\` ` : `${word(n)} `;
};
const list: Shape = (n, at) =>
  at === 0 ? "\n\n" : at % 8 === 1 ? `\n- ${word(n)} ` : `${word(n)} `;
const code: Shape = (n, at) => {
  if (at === 0) return "\n\n```python\n";
  if (at === PART - 1) return "\n```\n";
  return at % 8 === 7 ? `${word(n)}\n` : `${word(n)} `;
};
const table: Shape = (n, at) => {
  if (at === 0) return "\n\n| Line | Riders |\n| --- | --- |\n";
  return at % 4 === 1
    ? `| ${word(n)} `
    : at % 4 === 3
      ? `| ${n} `
      : at % 4 === 0
        ? "|\n"
        : `${word(n)} `;
};

const SHAPES: Shape[] = [prose, list, prose, code, prose, table];

function word(n: number): string {
  return WORDS[n % WORDS.length] ?? "";
}
