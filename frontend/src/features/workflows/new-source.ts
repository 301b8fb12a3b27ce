/** The text a new workflow begins with. */

import { writeScalar } from "@/domain/document/yaml-writer";

/** Return a name made of lower-case words with dashes. */
export function nameFrom(title: string): string {
  const plain = title.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const name = plain
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^[^a-z]+|-+$/g, "")
    .slice(0, 60)
    .replace(/-+$/, "");
  return name || `workflow-${crypto.randomUUID().slice(0, 6)}`;
}

export function blankSource(title: string): string {
  return `apiVersion: flowloom/v1
kind: Workflow
metadata:
  name: ${nameFrom(title)}
  title: ${writeScalar(title)}
inputs:
  type: object
  required: [topic]
  properties:
    topic: {type: string, minLength: 3, title: Topic}
steps:
  answer:
    agent: research
    prompt: "What should one know about \${inputs.topic}? Answer in three sentences."
outputs:
  answer: "\${steps.answer.output}"
`;
}
