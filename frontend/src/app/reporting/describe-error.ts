/** What is told of an error: where and how it happened, and nothing that a person has written. */
import type { ClientError } from "@/api/generated";

export type ErrorKind = "error" | "rejection" | "render";
export type Described = Pick<ClientError, "kind" | "message" | "stack" | "page" | "release">;

const MOST_FRAMES = 30;
/** As the browsers and the loader of styles say that a file is not there. */
const MISSING = /dynamically imported module|Importing a module|Unable to preload/i;
/** Nothing is broken: somebody went on, or a box was measured again. */
const HARMLESS = /^(?:AbortError|ResizeObserver loop)/;
/** Messages quote what they are about, which may be anything that people keep. */
const QUOTED = /"[^"]*"?|'[^']*'?|`[^`]*`?|“[^”]*”?|„[^“]*“?/g;

/** Return what may be told; undefined when there is nothing to tell. */
export function describeError(kind: ErrorKind, error: unknown): Described | undefined {
  const message = messageOf(error);
  if (!message || HARMLESS.test(message)) return undefined;
  const stack = error instanceof Error ? framesOf(error.stack ?? "") : "";
  return {
    kind: MISSING.test(message) ? "network" : kind,
    message,
    page: pageOf(location.pathname),
    release: releaseNow(),
    ...(stack ? { stack } : {}),
  };
}

/** Return a path without what names a thing: `/workflows/:id`. */
export function pageOf(path: string): string {
  return path
    .split("/")
    .map((part) => (/^[a-z-]{0,20}$/.test(part) ? part : ":id"))
    .join("/");
}

function messageOf(error: unknown): string {
  if (error instanceof Error || error instanceof DOMException) {
    return `${error.name}: ${error.message.replaceAll(QUOTED, "…")}`.slice(0, 300);
  }
  // What is thrown and is no error may be anything; its kind is all that is told.
  return error === undefined || error === null ? "" : `thrown: ${typeof error}`;
}

/** Return the places of a stack; its first lines are the message again. */
function framesOf(stack: string): string {
  return stack
    .split("\n")
    .filter((line) => /:\d+:\d+\)?$/.test(line.trim()))
    .slice(0, MOST_FRAMES)
    .map((line) =>
      line
        .trim()
        .replace(/[?#][^\s:)]*/g, "")
        .slice(0, 300),
    )
    .join("\n");
}

/** The file that started the page is named after what is in it. */
function releaseNow(): string {
  const entry = document.querySelector<HTMLScriptElement>('script[type="module"][src]');
  return entry?.src.split("/").at(-1)?.slice(0, 80) ?? "";
}
