/** Datasets as people write them: YAML, or JSON, which is YAML too. */
import type { Dataset, SaveDataset } from "@/api/generated";

export const EXAMPLE = `checks:
  - run.status == 'succeeded'
answer: outputs.brief
cases:
  - name: harbour
    inputs: {topic: The old harbour}
    checks: ["outputs.brief.contains('harbour')"]
    golden: The old harbour was closed in 1968 and is a museum now.
`;

/** Return what is sent, or where the text cannot be read; what it says is judged by the server. */
export async function datasetFrom(
  name: string,
  text: string,
): Promise<{ dataset: SaveDataset } | { wrong: string }> {
  const { parseDocument } = await import("yaml");
  const parsed = parseDocument(text, { prettyErrors: true });
  const [error] = parsed.errors;
  if (error) return { wrong: error.message };
  const value: unknown = readable(() => parsed.toJS({ maxAliasCount: 100 }));
  if (!isDataset(value)) return { wrong: "" };
  return { dataset: { ...value, name: name.trim() } };
}

/** Return a dataset as text to be changed. */
export async function textOf(dataset: Dataset): Promise<string> {
  const { stringify } = await import("yaml");
  const kept = Object.entries(dataset).filter(
    ([, value]) => value !== null && !(Array.isArray(value) && value.length === 0),
  );
  return stringify(Object.fromEntries(kept), { lineWidth: 110 });
}

/** Aliases may unfold to more than a page should hold. */
function readable(read: () => unknown): unknown {
  try {
    return read();
  } catch {
    return undefined;
  }
}

function isDataset(value: unknown): value is Dataset {
  return (
    typeof value === "object" && value !== null && "cases" in value && Array.isArray(value.cases)
  );
}
