import { Stack } from "@mantine/core";
import { useMemo, useRef } from "react";
import { isMap, type JsonObject, type JsonValue } from "@/domain/expressions/values";
import type { FieldProblem } from "@/shared/lib/problem";
import { fieldsOf } from "./field-schema";
import { FormProvider } from "./form-context";
import { FormField } from "./form-field";

interface DataFormProps {
  /** What the data is named in problems of the server, such as `data.amount`. */
  name: string;
  title: string;
  schema: JsonObject | null;
  value: JsonValue;
  errors: FieldProblem[];
  onChange: (value: JsonValue) => void;
}

/** A form for data that a JSON Schema describes; without one, or for what is no object, the data itself. */
export function DataForm({ name, title, schema, value, errors, onChange }: DataFormProps) {
  const fields = useMemo(() => (schema ? fieldsOf(schema) : []), [schema]);
  const latest = useRef(value);
  const form = useMemo(() => {
    const put = (path: string, next: JsonValue | undefined) => {
      latest.current = withValue(latest.current, path.split(".").slice(1), next);
      onChange(latest.current);
    };
    return {
      set: (path: string, next: JsonValue) => put(path, next),
      remove: (path: string) => put(path, undefined),
      problemAt: (path: string) =>
        errors.find((one) => one.path === path || one.path.startsWith(`${path}[`)),
      suggestions: {},
    };
  }, [errors, onChange]);
  const whole = useMemo(() => fieldsOf({ properties: { [name]: { title } } }), [name, title]);
  return (
    <FormProvider value={form}>
      <Stack>
        {fields.length > 0
          ? fields.map((field) => (
              <FormField
                key={field.name}
                field={field}
                path={`${name}.${field.name}`}
                value={isMap(value) ? value[field.name] : undefined}
              />
            ))
          : whole.map((field) => (
              <FormField key={field.name} field={field} path={name} value={value} />
            ))}
      </Stack>
    </FormProvider>
  );
}

/** Return a value with another one at a path; without a next one the place goes. */
function withValue(value: JsonValue, path: string[], next: JsonValue | undefined): JsonValue {
  const [first, ...rest] = path;
  if (first === undefined) return next ?? null;
  const data = isMap(value) ? value : {};
  if (rest.length === 0 && next === undefined) {
    const { [first]: _gone, ...others } = data;
    return others;
  }
  return { ...data, [first]: withValue(data[first] ?? null, rest, next) };
}
