/** Reads files that somebody chose or dropped; only as much as the gateway takes. */
import { type Given, givenBy } from "./format-of";

const MOST_BYTES = 4_000_000;
const MOST_FILES = 2;

export async function readFiles(files: File[]): Promise<Given> {
  const taken = files.slice(0, MOST_FILES);
  const texts = taken.map(async (file) => ({
    name: file.name,
    text: await file.slice(0, MOST_BYTES).text(),
  }));
  return givenBy(await Promise.all(texts));
}
