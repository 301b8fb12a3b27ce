/** The one table of all functions of the language. */
import { LIST_FUNCTIONS } from "./functions-of-lists";
import { TEXT_FUNCTIONS } from "./functions-of-text";
import type { LanguageFunction } from "./signatures";

export const FUNCTIONS: ReadonlyMap<string, LanguageFunction> = new Map(
  Object.entries({ ...TEXT_FUNCTIONS, ...LIST_FUNCTIONS }),
);

/** The evaluator's own calls, whose arguments may not exist, and how many they take. */
export const LAZY: ReadonlyMap<string, number> = new Map([
  ["default", 2],
  ["has", 1],
]);
