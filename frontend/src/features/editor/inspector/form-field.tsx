import { Autocomplete, MultiSelect, NumberInput, Select, Switch, TagsInput } from "@mantine/core";
import { Suspense } from "react";
import type { JsonValue } from "@/domain/expressions/values";
import { late } from "@/shared/lib/late";
import { FieldGroup } from "./field-group";
import type { Field } from "./field-schema";
import { useForm } from "./form-context";
import { asText, TextField } from "./text-field";
import { VariantField } from "./variant-field";
import { YamlField } from "./yaml-field";

const ToolField = late(() => import("./tool-field"));

export interface FieldProps {
  field: Field;
  path: string;
  value: JsonValue | undefined;
}

/** One field of a form, drawn by what its schema says. */
export function FormField({ field, path, value }: FieldProps) {
  const { set, remove, problemAt, suggestions } = useForm();
  const error = problemAt(path)?.message;
  const told = { label: field.title, description: field.description || undefined, error };
  const shared = { ...told, withAsterisk: field.isRequired };
  const put = (next: JsonValue | null | undefined) => {
    const isEmpty =
      next === null ||
      next === undefined ||
      next === "" ||
      (Array.isArray(next) && next.length === 0);
    if (isEmpty && !field.isRequired) remove(path);
    else set(path, next ?? "");
  };
  switch (field.widget) {
    case "object":
      return <FieldGroup field={field} path={path} value={value} />;
    case "variants":
      return <VariantField field={field} path={path} value={value} />;
    case "switch":
      return (
        <Switch
          {...told}
          checked={value === true}
          onChange={(event) => put(event.currentTarget.checked)}
        />
      );
    case "select":
      return (
        <Select
          {...shared}
          clearable={!field.isRequired}
          data={field.options}
          placeholder={field.placeholder}
          value={typeof value === "string" ? value : null}
          onChange={put}
        />
      );
    case "number":
      if (typeof value === "string") break;
      return (
        <NumberInput
          {...shared}
          placeholder={field.placeholder}
          value={typeof value === "number" ? value : ""}
          onChange={(next) => put(next === "" ? null : Number(next))}
        />
      );
    case "steps":
      return (
        <MultiSelect
          {...shared}
          data={suggestions.step_ids ?? []}
          value={asList(value)}
          onChange={put}
          searchable
          hidePickedOptions
        />
      );
    case "list": {
      const tags = { ...shared, data: suggestions[field.hint] ?? [], value: asList(value) };
      if (field.hint !== "tools") return <TagsInput {...tags} onChange={put} />;
      return (
        <Suspense fallback={<TagsInput {...tags} readOnly />}>
          <ToolField isList names={asList(value)} {...{ field, shared, put }} />
        </Suspense>
      );
    }
    case "suggest":
      if (field.hint === "tool") {
        return (
          <Suspense fallback={<Autocomplete {...shared} value={asText(value)} readOnly />}>
            <ToolField isList={false} names={asList(value)} {...{ field, shared, put }} />
          </Suspense>
        );
      }
      return (
        <Autocomplete
          {...shared}
          data={suggestions[field.hint] ?? []}
          placeholder={field.placeholder}
          value={asText(value)}
          onChange={put}
        />
      );
    case "yaml":
      return <YamlField field={field} path={path} value={value} />;
    case "textarea":
    case "text":
      break;
  }
  return <TextField field={field} value={value} shared={shared} put={put} />;
}

function asList(value: JsonValue | undefined): string[] {
  if (Array.isArray(value)) return value.map(String);
  return typeof value === "string" && value ? [value] : [];
}
