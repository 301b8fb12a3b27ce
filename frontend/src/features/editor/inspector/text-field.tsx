import { Textarea, TextInput } from "@mantine/core";
import type { ChangeEvent, FocusEvent, KeyboardEvent, SyntheticEvent } from "react";
import { isMap, type JsonValue } from "@/domain/expressions/values";
import { ExpressionHelp } from "./expression-help";
import type { Field } from "./field-schema";
import { useForm } from "./form-context";
import styles from "./inspector.module.css";
import { TextDraft } from "./text-draft";
import { useCompletions } from "./use-completions";
import type { useDraft } from "./use-draft";

interface TextFieldProps {
  field: Field;
  value: JsonValue | undefined;
  shared: object;
  put: (text: string) => void;
}

/** A text of one line or several. */
export function TextField(props: TextFieldProps) {
  const { value, put } = props;
  return (
    <TextDraft
      value={isMap(value) || Array.isArray(value) ? JSON.stringify(value) : asText(value)}
      commit={put}
    >
      {(draft) => <DraftField {...props} draft={draft} />}
    </TextDraft>
  );
}

type Typed = ChangeEvent<HTMLInputElement | HTMLTextAreaElement>;

/** The text as it is typed, with help for the expressions in it. */
function DraftField(props: TextFieldProps & { draft: ReturnType<typeof useDraft> }) {
  const { field, shared, draft } = props;
  const { scope } = useForm();
  const help = useCompletions(draft.text, draft.onChange, scope);
  const input = {
    ...shared,
    ...help.attributes,
    value: draft.text,
    placeholder: field.placeholder,
    classNames: field.isCode ? { input: styles.mono ?? "" } : undefined,
    onChange: (event: Typed) => draft.onChange(event.currentTarget.value),
    onSelect: (event: SyntheticEvent<HTMLInputElement | HTMLTextAreaElement>) =>
      help.follow(event.currentTarget),
    onKeyDown: (event: KeyboardEvent<HTMLInputElement | HTMLTextAreaElement>) =>
      help.onKeyDown(event),
    onBlur: (_: FocusEvent) => {
      help.leave();
      draft.onBlur();
    },
  };
  return (
    <div>
      {field.widget === "textarea" ? (
        <Textarea {...input} autosize minRows={field.hint === "condition" ? 1 : 3} maxRows={16} />
      ) : (
        <TextInput {...input} />
      )}
      {scope && <ExpressionHelp text={draft.text} scope={scope} help={help} />}
    </div>
  );
}

export function asText(value: JsonValue | undefined): string {
  return value === undefined || value === null ? "" : String(value);
}
