/** What a page says of the workflow that it has just made: a model is to write it. */
export function describedIn(state: unknown): string | undefined {
  const described = (state as { describe?: unknown } | null)?.describe;
  return typeof described === "string" && described ? described : undefined;
}
