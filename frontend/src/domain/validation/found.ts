import type { DocumentProblem } from "@/api/generated";

/** A problem with its place in the text as characters. */
export interface Found {
  code: DocumentProblem["code"];
  path: string;
  start: number;
  end: number;
  message: string;
  hint?: string | undefined;
}
