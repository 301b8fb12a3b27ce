/** Reads a JSON Schema with its `x-ui` hints into what a form needs; a new kind of step needs nothing else. */
import { isMap, type JsonObject, type JsonValue } from "@/domain/expressions/values";

export type Widget =
  | "text"
  | "textarea"
  | "number"
  | "switch"
  | "select"
  | "yaml"
  | "steps"
  | "suggest"
  | "list"
  | "object"
  | "variants";

export interface Field {
  name: string;
  title: string;
  description: string;
  widget: Widget;
  /** Whether `${…}` may stand in it. */
  isTemplate: boolean;
  isRequired: boolean;
  isCode: boolean;
  group: string;
  order: number;
  hint: string;
  options: string[];
  placeholder: string;
  fields: Field[];
  variants: { title: string; fields: Field[] }[];
}

const TEMPLATE = "\\$\\{";
const SUGGESTED = new Set(["agent", "model", "tool", "workflow", "collection"]);
const LISTED = new Set(["tools", "collections"]);
const CODE = new Set(["json_schema", "step", "code", "mapping", "value", "condition", "url"]);

/** Return the fields of an object's schema in their order. */
export function fieldsOf(schema: JsonObject): Field[] {
  const properties = isMap(schema.properties) ? schema.properties : {};
  const required = Array.isArray(schema.required) ? schema.required : [];
  return Object.entries(properties)
    .filter((entry): entry is [string, JsonObject] => isMap(entry[1]))
    .map(([name, one]) => fieldOf(name, one, required.includes(name)))
    .toSorted((one, other) => one.order - other.order);
}

function fieldOf(name: string, schema: JsonObject, isRequired: boolean): Field {
  const ui = isMap(schema["x-ui"]) ? schema["x-ui"] : {};
  const { kinds, isTemplate } = kindsOf(schema);
  const [only] = kinds;
  const base = kinds.length === 1 && only ? { ...only, ...withoutChoice(schema) } : schema;
  const hint = text(ui.widget);
  const variants = variantsOf(kinds);
  return {
    name,
    title: text(schema.title) || name,
    description: text(schema.description),
    widget: widgetOf(hint, base, kinds, variants.length > 0),
    isTemplate: isTemplate || ui.template === true,
    isRequired,
    isCode: CODE.has(hint),
    group: text(ui.group) || "main",
    order: typeof ui.order === "number" ? ui.order : 0,
    hint,
    options: Array.isArray(base.enum) ? base.enum.map(String) : [],
    placeholder: placeholderOf(base),
    fields: isMap(base.properties) ? fieldsOf(base) : [],
    variants,
  };
}

/** The kinds of value a field takes, its template aside. */
function kindsOf(schema: JsonObject): { kinds: JsonObject[]; isTemplate: boolean } {
  const choices = [schema.oneOf, schema.anyOf]
    .flatMap((one) => (Array.isArray(one) ? one : []))
    .filter(isMap);
  if (choices.length === 0) return { kinds: [schema], isTemplate: false };
  const kinds = choices.filter((one) => one.pattern !== TEMPLATE && one.type !== "null");
  return { kinds, isTemplate: choices.some((one) => one.pattern === TEMPLATE) };
}

function withoutChoice({ oneOf: _one, anyOf: _any, ...rest }: JsonObject): JsonObject {
  return rest;
}

function variantsOf(kinds: JsonObject[]): Field["variants"] {
  if (kinds.length < 2 || !kinds.every((one) => isMap(one.properties))) return [];
  return kinds.map((one) => ({ title: text(one.title), fields: fieldsOf(one) }));
}

function widgetOf(
  hint: string,
  base: JsonObject,
  kinds: JsonObject[],
  hasVariants: boolean,
): Widget {
  if (hint === "step_ids") return "steps";
  if (SUGGESTED.has(hint)) return "suggest";
  if (LISTED.has(hint)) return "list";
  if (hint === "textarea" || hint === "code" || hint === "condition") return "textarea";
  if (hint === "text" || hint === "url") return "text";
  if (hint === "mapping" || hint === "value" || hint === "json_schema" || hint === "step")
    return "yaml";
  if (hasVariants) return "variants";
  return kinds.length === 1 ? widgetOfType(base) : "yaml";
}

function widgetOfType(base: JsonObject): Widget {
  if (Array.isArray(base.enum)) return "select";
  if (base.type === "boolean") return "switch";
  if (base.type === "integer" || base.type === "number") return "number";
  if (base.type === "string") return "text";
  if (base.type === "array" && isMap(base.items) && base.items.type === "string") return "list";
  return base.type === "object" && isMap(base.properties) ? "object" : "yaml";
}

function placeholderOf(base: JsonObject): string {
  if (base.default !== undefined && base.default !== null && typeof base.default !== "object")
    return String(base.default);
  const [example] = Array.isArray(base.examples) ? base.examples : [];
  return example === undefined || typeof example === "object" ? "" : String(example);
}

function text(value: JsonValue | undefined): string {
  return typeof value === "string" ? value : "";
}

/** Return which variant a value is: the one whose required fields it has. */
export function variantOf(field: Field, value: JsonValue | undefined): number {
  if (!isMap(value)) return 0;
  const found = field.variants.findIndex((variant) =>
    variant.fields.filter((one) => one.isRequired).every((one) => one.name in value),
  );
  return Math.max(0, found);
}
