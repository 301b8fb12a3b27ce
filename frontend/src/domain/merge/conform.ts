/** Changes a text until it says what it is to say, touching nothing else. */
import {
  entryOf,
  nodeAt,
  type Path,
  readSource,
  type SourceTree,
  toData,
} from "../document/source-tree";
import { applyEdits, type TextEdit } from "../document/text-edits";
import { deleteEntry, insertEntryTexts, setAt, sourceOfEntry } from "../document/yaml-edits";
import { isMap, type JsonObject, type JsonValue } from "../expressions/values";
import { isEqual } from "./merge-data";

/** Return the text with the wanted data; new parts are written as `donor` writes them. Nothing when that fails. */
export function conform(source: string, wanted: JsonObject, donor: SourceTree): string | undefined {
  const data = dataOf(readSource(source));
  if (!data) return undefined;
  const text = differences(data, wanted, []).reduce((made, { path, value }) => {
    const tree = readSource(made);
    const edits =
      value === undefined ? deleteEntry(tree, path) : editsFor(tree, { path, value }, donor);
    return applyEdits(made, edits);
  }, source);
  return isEqual(dataOf(readSource(text)), wanted) ? text : undefined;
}

/** Return what a text that could be read says. */
export function dataOf({ root }: SourceTree): JsonObject | undefined {
  const value = root ? toData(root) : undefined;
  return isMap(value) ? value : undefined;
}

interface Difference {
  path: Path;
  value: JsonValue | undefined;
}

/** What is put in comes before what is taken out, so that no mapping is empty in between. */
function differences(now: JsonObject, wanted: JsonObject, path: Path): Difference[] {
  const gone = Object.keys(now).filter((name) => !Object.hasOwn(wanted, name));
  const others = Object.entries(wanted).flatMap(([name, value]): Difference[] => {
    const [known, inner] = [now[name], [...path, name]];
    if (Object.hasOwn(now, name) && isEqual(known, value)) return [];
    const areMaps = isMap(known) && isMap(value) && Object.keys(value).length > 0;
    return areMaps ? differences(known, value, inner) : [{ path: inner, value }];
  });
  return [...others, ...gone.map((name) => ({ path: [...path, name], value: undefined }))];
}

function editsFor(
  tree: SourceTree,
  { path, value }: { path: Path; value: JsonValue },
  donor: SourceTree,
): TextEdit[] {
  const parent = nodeAt(tree.root, path.slice(0, -1));
  const written = nodeAt(donor.root, path);
  const isNew =
    parent?.type === "mapping" &&
    !parent.isFlow &&
    parent.entries.length > 0 &&
    !entryOf(parent, path.at(-1) ?? "");
  if (isNew && written && isEqual(toData(written), value))
    return [insertEntryTexts(tree.source, parent, [sourceOfEntry(donor, path)])];
  return setAt(tree, path, value);
}
