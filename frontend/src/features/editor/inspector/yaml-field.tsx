import { Textarea } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { readSource, toData } from "@/domain/document/source-tree";
import { writeAfterKey } from "@/domain/document/yaml-writer";
import type { JsonValue } from "@/domain/expressions/values";
import { useForm } from "./form-context";
import type { FieldProps } from "./form-field";
import styles from "./inspector.module.css";
import { TextDraft } from "./text-draft";

/** A value of any form, written as YAML. What cannot be read stays in the field and changes nothing. */
export function YamlField({ field, path, value }: FieldProps) {
  const { t } = useTranslation("editor");
  const { set, remove, problemAt } = useForm();
  const [isBroken, setIsBroken] = useState(false);
  const commit = (text: string) => {
    if (text.trim() === "") {
      setIsBroken(false);
      remove(path);
      return;
    }
    const { root, errors } = readSource(text);
    setIsBroken(errors.length > 0 || !root);
    if (root && errors.length === 0) set(path, toData(root));
  };
  return (
    <TextDraft value={written(value)} commit={commit}>
      {({ text, onChange, onBlur }) => (
        <Textarea
          label={field.title}
          description={field.description || undefined}
          withAsterisk={field.isRequired}
          error={isBroken ? t("not_yaml") : problemAt(path)?.message}
          classNames={{ input: styles.mono ?? "" }}
          autosize
          minRows={1}
          maxRows={14}
          spellCheck={false}
          value={text}
          onChange={(event) => onChange(event.currentTarget.value)}
          onBlur={onBlur}
        />
      )}
    </TextDraft>
  );
}

function written(value: JsonValue | undefined): string {
  if (value === undefined) return "";
  if (typeof value === "string")
    return value.includes("\n") || /^[\w$ ]/.test(value) ? value : JSON.stringify(value);
  return writeAfterKey(value, -2).replace(/^\s/, "");
}
