import { Markdown } from "./markdown";

/** Text of models and tools: Markdown without HTML, links that say where they lead. */
export default { title: "Markdown" };

const FULL = `## Night buses

One in **nine** passengers rides at night, see [the count](https://example.org/count).

| Line | Riders |
| --- | --- |
| N3 | 1,240 |

- keep N3
- move N7 to a call service

\`\`\`yaml
agent: research
\`\`\`
`;

export const Empty = () => <Markdown text="" />;

export const Full = () => <Markdown text={FULL} />;

export const Hostile = () => (
  <Markdown text={'<img src=x onerror="alert(1)"> [here](javascript:alert(1))'} />
);
