/** The list of runs as one table: its pages fetched one after the other, with one head line. */
import { fetchPage } from "@/api/fetch-file";
import type { ListRunsApiArg } from "@/api/generated";

const PAGE = 200;
const MOST_PAGES = 50;
const NAMES: Record<string, string> = {
  workflowId: "workflow_id",
  createdFrom: "created_from",
  createdBefore: "created_before",
  longerThanS: "longer_than_s",
  shorterThanS: "shorter_than_s",
};

interface RunsTable {
  text: string;
  rows: number;
  /** False when there were more than one file is to hold. */
  isWhole: boolean;
}

/** Return the table; undefined when a page of it could not be had. */
export async function fetchRunsTable(query: ListRunsApiArg): Promise<RunsTable | undefined> {
  let text = "";
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const found = await fetchPage(`/v1/runs?${searchOf(query, cursor)}`, "text/csv");
    if (!found) return undefined;
    text += page === 0 ? found.text : withoutHead(found.text);
    cursor = found.cursor;
    if (!cursor) return { text, rows: rowsOf(text), isWhole: true };
  }
  return { text, rows: rowsOf(text), isWhole: false };
}

export function searchOf(query: ListRunsApiArg, cursor: string | undefined): URLSearchParams {
  const search = new URLSearchParams({ limit: String(PAGE) });
  for (const [name, value] of Object.entries(query))
    for (const one of Array.isArray(value) ? value : [value])
      search.append(NAMES[name] ?? name, String(one));
  if (cursor) search.set("cursor", cursor);
  return search;
}

/** The head line has no line break of its own. */
function withoutHead(table: string): string {
  return table.slice(table.indexOf("\n") + 1);
}

/** Only for a sentence: a message with a line break counts twice. */
function rowsOf(text: string): number {
  return Math.max(0, text.split("\r\n").length - 2);
}
