/** What is worth keeping of an open document, and how long saving waits. */
import { expect, it } from "vitest";
import type { WorkflowDocument } from "@/api/generated";
import { documentEdited, documentOpened, documentSaved, editorSlice } from "../editor-slice";
import { journalOf } from "./journal";
import { isNothingNew, mergedWith } from "./merging";
import { pauseAfter } from "./use-saving-in-time";

const SOURCE = "steps:\n  plan:\n    agent: research\n    prompt: About\n    timeout: 1m\n";
const opened = {
  id: "w",
  source: SOURCE,
  layout: {},
  tests: "",
  etag: '"1"',
  published_version: null,
} as unknown as WorkflowDocument;
const set = (field: string, value: string) =>
  documentEdited([{ op: "set_field", path: `steps.plan.${field}`, value }], {
    label: field,
    origin: "inspector",
  });
const { reducer } = editorSlice;
const start = reducer(undefined, documentOpened(opened));

it("keeps what is not saved, with what it began from and the way back", () => {
  const edited = reducer(start, set("prompt", "Mine"));
  expect(journalOf(edited, 7)).toMatchObject({
    base: { source: SOURCE },
    base_etag: '"1"',
    doc: { source: SOURCE.replace("About", "Mine") },
    kept_at: 7,
  });
  expect(journalOf(edited, 7)?.history.past).toHaveLength(1);
  expect(structuredClone(journalOf(edited, 7))).toEqual(journalOf(edited, 7));
});

it("keeps nothing of what the server has", () => {
  expect(journalOf(start, 7)).toBeUndefined();
  const edited = reducer(start, set("prompt", "Mine"));
  const saved = reducer(edited, documentSaved({ doc: edited.doc, etag: '"2"', at: Date.now() }));
  expect(journalOf(saved, 7)).toBeUndefined();
});

it("sees that the server has it after all, and goes on from there", () => {
  const edited = reducer(start, set("prompt", "Mine"));
  const journal = journalOf(edited, 7);
  if (!journal) throw new Error("nothing was kept");
  const theirs = { ...opened, etag: '"2"', source: edited.doc.source.replace("1m", "5m") };
  expect(isNothingNew(journal, theirs)).toBe(true);
  expect(isNothingNew(journal, opened)).toBe(false);
  const { merged, conflicts } = mergedWith(edited, theirs);
  expect(conflicts).toEqual([]);
  expect(merged.doc).toBe(merged.saved);
  expect(merged.base_etag).toBe('"2"');
});

it("tries again later after each failure, at least once a minute", () => {
  expect([0, 1, 2, 3].map(pauseAfter)).toEqual([800, 4_000, 8_000, 16_000]);
  expect(pauseAfter(99)).toBe(60_000);
});
