/** What the fields of a form share: how to change the document, and what they may suggest. */
import { createContext, useContext } from "react";
import type { JsonObject, JsonValue } from "@/domain/expressions/values";

export interface FormContext {
  set: (path: string, value: JsonValue) => void;
  remove: (path: string) => void;
  problemAt: (path: string) => { message: string } | undefined;
  /** Words that fit a field, by its hint: agents, models, tools, steps beside this one. */
  suggestions: Record<string, string[]>;
  /** Real data for expressions; without it a form has none. */
  scope?: JsonObject | undefined;
  /** The step whose form it is, and what its tool is called with so far. */
  step?: { path: string; given: JsonValue | undefined };
}

const Context = createContext<FormContext>({
  set: () => undefined,
  remove: () => undefined,
  problemAt: () => undefined,
  suggestions: {},
});
export const FormProvider = Context.Provider;
export const useForm = () => useContext(Context);
