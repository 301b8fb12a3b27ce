/** Brings together what two people did to one document since both had the same of it. */
import type { WorkflowDoc } from "../document/operations";
import { readSource } from "../document/source-tree";
import { isMap } from "../expressions/values";
import { conform, dataOf } from "./conform";
import { type Choices, type Conflict, isEqual, type Merging, mergeValues } from "./merge-data";
import { mergeLayouts } from "./merge-layout";
import { mergeLines, type Side } from "./merge-lines";

export interface Sides {
  base: WorkflowDoc;
  mine: WorkflowDoc;
  theirs: WorkflowDoc;
}
export interface Merged {
  doc: WorkflowDoc;
  /** What both changed differently, whether it was chosen about or not. */
  conflicts: Conflict[];
}

const NO_CHOICES: Choices = new Map();

/** Merge three documents by what they say; the text is made of the lines of both, comments included. */
export function mergeDocuments(sides: Sides, choices: Choices = NO_CHOICES): Merged {
  const merging: Merging = { choices, conflicts: [] };
  const source = mergeSources(sides, merging);
  const { base, mine, theirs } = sides;
  const layouts = { base: base.layout, mine: mine.layout, theirs: theirs.layout };
  return { doc: { source, layout: mergeLayouts(layouts, merging) }, conflicts: merging.conflicts };
}

function mergeSources({ base, mine, theirs }: Sides, merging: Merging): string {
  if (mine.source === theirs.source || mine.source === base.source) return theirs.source;
  if (theirs.source === base.source) return mine.source;
  const donor = readSource(mine.source);
  const data = {
    base: dataOf(readSource(base.source)),
    mine: dataOf(donor),
    theirs: dataOf(readSource(theirs.source)),
  };
  if (!data.base || !data.mine || !data.theirs) return asWhole({ base, mine, theirs }, merging);
  const own: Merging = { choices: merging.choices, conflicts: [] };
  const wanted = mergeValues(data, [], own);
  const preferred = preference(own);
  const lines = mergeLines(base.source, mine.source, theirs.source, preferred);
  for (const text of [lines, theirs.source]) {
    const made = isMap(wanted) ? conform(text, wanted, donor) : undefined;
    if (made === undefined) continue;
    merging.conflicts.push(...own.conflicts);
    return made;
  }
  return asWhole({ base, mine, theirs }, merging);
}

/** Lines that both changed are written as the side has them whose data was chosen throughout. */
function preference({ choices, conflicts }: Merging): Side {
  const isMine = ({ path }: Conflict) => choices.get(path) === "mine";
  return conflicts.length > 0 && conflicts.every(isMine) ? "mine" : "theirs";
}

/** A text that cannot be read has no parts: one of the two is taken. */
function asWhole({ base, mine, theirs }: Sides, merging: Merging): string {
  const three = { base: base.source, mine: mine.source, theirs: theirs.source };
  merging.conflicts.push({ path: "", ...three });
  return merging.choices.get("") === "mine" ? mine.source : theirs.source;
}

/** Whether two documents say the same in the same words. */
export function isSameDocument(one: WorkflowDoc, other: WorkflowDoc): boolean {
  const layouts = [one.layout, other.layout].map((layout) => JSON.parse(JSON.stringify(layout)));
  return one.source === other.source && isEqual(layouts[0], layouts[1]);
}
