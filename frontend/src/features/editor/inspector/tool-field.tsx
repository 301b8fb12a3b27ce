import type { JsonValue } from "@/domain/expressions/values";
import type { Field } from "./field-schema";
import { useForm } from "./form-context";
import ToolPicker from "./tool-picker";

/** Chooses tools for a field of a step's form, from what fits the step. */
export default function ToolField(props: {
  isList: boolean;
  names: string[];
  field: Field;
  shared: object;
  put: (next: JsonValue) => void;
}) {
  const { field, shared, ...rest } = props;
  const { suggestions } = useForm();
  return (
    <ToolPicker
      {...rest}
      offered={suggestions[field.hint] ?? []}
      shared={{ ...shared, placeholder: field.placeholder }}
    />
  );
}
