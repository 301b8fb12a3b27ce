/** What the decisions of an item mean for how they are drawn and asked. */
import type { Approval } from "@/api/generated";
import type { JsonObject, JsonValue } from "@/domain/expressions/values";

export const REFUSALS: ReadonlySet<string> = new Set(["reject", "fail"]);

/** What a decision asks for beside a comment. */
export interface Question {
  schema: JsonObject | null;
  start: JsonValue;
  /** Whether it may be left empty. */
  isOptional: boolean;
}

/** Return what a decision asks for; null when it asks for nothing. */
export function questionOf(
  item: Approval,
  choice: string,
  t: (key: string) => string,
): Question | null {
  if (choice === "edit") return { schema: item.form, start: item.values, isOptional: false };
  if (item.kind !== "budget" || REFUSALS.has(choice)) return null;
  const properties: JsonObject =
    choice === "raise"
      ? {
          tokens: { type: "integer", title: t("raise.tokens"), description: t("raise.text") },
          usd: { type: "number", title: t("raise.usd") },
        }
      : { model: { type: "string", title: t("cheaper.model"), description: t("cheaper.text") } };
  return { schema: { type: "object", properties }, start: {}, isOptional: true };
}
