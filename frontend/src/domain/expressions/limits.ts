/** What one expression may ask for: fixed before it runs, and counted while it runs. */
export const MAX_CHARACTERS = 1_024;
export const MAX_OPERATORS = 64;
export const MAX_NESTING = 16;
export const MAX_COMPREHENSIONS = 2;
export const MAX_LIST_ITEMS = 10_000;
/** Characters of a text that an expression works on or makes. */
export const MAX_TEXT = 1_000_000;
/** Characters and items that one expression may read from its scope. */
export const MAX_CONTEXT = 4_000_000;
/** Characters of a pattern for `matches` that is not a literal. */
export const MAX_PATTERN = 200;
/** Nodes visited and items touched by one evaluation. */
export const MAX_STEPS = 25_000;
export const MAX_INTEGER = Number.MAX_SAFE_INTEGER;
/** How deep lists and maps may be nested in a value that is compared, printed or parsed. */
export const MAX_VALUE_DEPTH = 64;
