// @vitest-environment jsdom
/** Markdown in blocks looks as the whole does, however much of it has come; what is said already stays as it is. */
import { renderToStaticMarkup } from "react-dom/server";
import ReactMarkdown from "react-markdown";
import remarkGfm from "remark-gfm";
import { expect, it } from "vitest";
import { blocksOf } from "./markdown-blocks";

const TEXTS: Record<string, string> = {
  prose: "# Title\n\nOne **two**\nthree.\n\nFour `five`.\n\n---\n\nSix.\n",
  lists:
    "- a\n\n- b\n\n  more of b\n- c\n\nAfter.\n\n1. one\n\n2. two\n\n   ```js\n   x\n\n   y\n   ```\n\nEnd.",
  code: "Before\n```python\na = 1\n\n# no title\n\n- no list\n```\nafter\n\n~~~\n```\n\nb\n~~~\n\nc",
  "code that a list ends": "- item\n  ```\n  x\n\nafter the list\n\n```\na\n\nb\n```\n\nend",
  "code on the line of an item": "- ```js\n  a\n\n  b\n  ```\n\nafter\n\n```\nc\n\nd\n```\n",
  table: "| a | b |\n| - | - |\n| 1 | 2 |\n\nText\n\n> quote\n\n> another\n\nEnd",
  "indented code": "Text\n\n    code\n\n    more\n\nText",
  "a heading by a line": "Text\nTitle\n===\n\nText\n\nTitle\n---\n\nEnd",
  html: "Text\n\n<details>\n\ninside\n\n</details>\n\n<!-- a\n\nb -->\n\nEnd",
  definitions: "See [here] and [^1].\n\nText\n\n[here]: https://example.org\n\n[^1]: A note.\n",
  tasks: "* [ ] a\n* [x] b\n\n\n\nText with trailing spaces  \nand a break\n\n***\n\nEnd",
};

function drawn(...blocks: string[]): string {
  const html = blocks.map((text) =>
    renderToStaticMarkup(<ReactMarkdown remarkPlugins={[remarkGfm]}>{text}</ReactMarkdown>),
  );
  // Between blocks the whole has a line break that nobody sees.
  return html.join("\n").replaceAll(/\n+/g, "\n").trim();
}

for (const [name, text] of Object.entries(TEXTS)) {
  it(`draws ${name} as the whole is drawn, from the first character to the last`, () => {
    for (let end = 1; end <= text.length; end += 1) {
      const said = text.slice(0, end);
      const blocks = blocksOf(said);
      expect(blocks.join("")).toBe(said);
      expect(drawn(...blocks), JSON.stringify(said)).toBe(drawn(said));
    }
  });
}

it("leaves all but the last block as they were when more is said", () => {
  const { prose = "", code = "" } = TEXTS;
  const before = blocksOf(prose);
  expect(before).toHaveLength(5);
  expect(blocksOf(`${prose}\n${code}`).slice(0, before.length - 1)).toEqual(before.slice(0, -1));
});
