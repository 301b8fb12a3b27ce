/** What can go wrong with an expression: its text before the run, its values during the run. */
export type SyntaxCode = "expression_syntax" | "expression_too_complex" | "unknown_function";

/** Where an error stands: characters of the template, `end` exclusive. */
export interface ErrorPlace {
  start: number;
  end?: number | undefined;
  hint?: string | undefined;
}

/** The text is not an expression. */
export class ExpressionSyntaxError extends Error {
  readonly code: SyntaxCode;
  readonly start: number;
  readonly end: number;
  readonly hint: string | undefined;

  constructor(message: string, place: ErrorPlace, code: SyntaxCode = "expression_syntax") {
    super(message);
    this.name = "ExpressionSyntaxError";
    this.code = code;
    this.start = place.start;
    this.end = place.end ?? place.start + 1;
    this.hint = place.hint;
  }
}

/** An evaluation failed; the step's error code is `expression`. */
export class ExpressionError extends Error {
  override name = "ExpressionError";
}

/** A path does not exist; what `default` and `has` are for. */
export class MissingValueError extends ExpressionError {
  override name = "MissingValueError";
}
