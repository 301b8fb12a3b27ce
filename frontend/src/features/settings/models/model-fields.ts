/** What the form of a model holds while it is edited, and what is sent of it. */
import type { Model, SaveModelWrite } from "@/api/generated";

export const KINDS = ["openai_compatible", "anthropic"] as const satisfies Model["kind"][];

export interface ModelFields {
  name: string;
  kind: Model["kind"];
  model: string;
  base_url: string;
  /** Empty keeps the key that is there. */
  api_key: string;
  context_tokens: number;
  calls_tools: boolean;
  /** US dollars for a million tokens; empty is no price. */
  input: number | "";
  output: number | "";
  temperature: number | "";
  /** The name of the model that stands in; empty is none. */
  fallback: string;
  at_once: number | "";
  per_minute: number | "";
}

const NEW: ModelFields = {
  name: "",
  kind: "openai_compatible",
  model: "",
  base_url: "",
  api_key: "",
  context_tokens: 8_192,
  calls_tools: true,
  input: "",
  output: "",
  temperature: "",
  fallback: "",
  at_once: "",
  per_minute: "",
};

export function fieldsOf(model: Model | undefined): ModelFields {
  if (!model) return NEW;
  const { name, kind, base_url, context_tokens, calls_tools, price, temperature } = model;
  return {
    name,
    kind,
    base_url,
    context_tokens,
    calls_tools,
    model: model.model,
    api_key: "",
    input: price?.input ?? "",
    output: price?.output ?? "",
    temperature: temperature ?? "",
    fallback: model.fallback ?? "",
    at_once: model.at_once ?? "",
    per_minute: model.per_minute ?? "",
  };
}

/** Return what is sent; what the form does not show stays as it was. */
export function modelOf(fields: ModelFields, before: Model | undefined): SaveModelWrite {
  const { api_key, input, output, ...rest } = fields;
  const hasPrice = input !== "" || output !== "";
  return {
    ...rest,
    name: rest.name.trim(),
    model: rest.model.trim(),
    base_url: rest.base_url.trim(),
    api_key: api_key || null,
    price: hasPrice ? { input: Number(input), output: Number(output) } : null,
    temperature: orNone(rest.temperature),
    fallback: rest.fallback || null,
    at_once: orNone(rest.at_once),
    per_minute: orNone(rest.per_minute),
    extra_body: before?.extra_body ?? {},
  };
}

const orNone = (value: number | "") => (value === "" ? null : value);

export function isComplete({ name, model, base_url }: ModelFields): boolean {
  return [name, model, base_url].every((text) => text.trim() !== "");
}
