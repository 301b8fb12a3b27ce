/** Cuts Markdown where what follows can change nothing before, so that of a growing text only the end is parsed again. */

const FENCE = /^( {0,3})(`{3,}(?=[^`]*$)|~{3,})/;
const LIST = /^ {0,3}(?:[-+*]|\d{1,9}[.)])(?:\s|$)/;
/** What is named once for the whole text: targets of links, footnotes. */
const DEFINITION = /^ {0,3}\[[^\]\n]+\]:/m;
const HTML = /^ {0,3}</;

interface Open {
  lines: string[];
  /** The characters that close the code it is in. */
  fence: string | undefined;
  isList: boolean;
  isHtml: boolean;
  hasGap: boolean;
}

/** Return the blocks of a text; joined they are the text. */
export function blocksOf(text: string): string[] {
  if (DEFINITION.test(text)) return [text];
  const blocks: string[] = [];
  let open = empty();
  for (const line of text.split(/(?<=\n)/)) {
    if (beginsAnew(open, line)) {
      blocks.push(open.lines.join(""));
      open = empty();
    }
    take(open, line);
  }
  if (open.lines.length > 0) blocks.push(open.lines.join(""));
  return blocks;
}

function empty(): Open {
  return { lines: [], fence: undefined, isList: false, isHtml: false, hasGap: false };
}

/** Whether a line, after an empty one, goes on with nothing of what is open. */
function beginsAnew(open: Open, line: string): boolean {
  if (open.lines.length === 0 || !open.hasGap || open.fence || open.isHtml) return false;
  return /^\S/.test(line) && !(open.isList && LIST.test(line));
}

function take(open: Open, line: string): void {
  open.lines.push(line);
  const bare = line.trimEnd();
  if (open.fence) {
    if (closes(bare, open.fence)) open.fence = undefined;
    return;
  }
  if (bare === "") {
    open.hasGap = true;
    return;
  }
  open.hasGap = false;
  const [, indent = "", marks] = FENCE.exec(bare) ?? [];
  // Code inside an item of a list is indented and ends with it, whether it was closed or not.
  if (marks && !(open.isList && indent)) open.fence = marks;
  open.isList ||= LIST.test(bare);
  open.isHtml ||= HTML.test(bare);
}

function closes(line: string, fence: string): boolean {
  const marks = line.replace(/^ {0,3}/, "");
  return marks.length >= fence.length && marks === fence.charAt(0).repeat(marks.length);
}
