import { SegmentedControl } from "@mantine/core";
import { useState } from "react";
import { isMap } from "@/domain/expressions/values";
import { variantOf } from "./field-schema";
import { type FieldProps, FormField } from "./form-field";
import styles from "./inspector.module.css";

/** An object of one of several forms, such as a loop over a list or until a condition holds. */
export function VariantField({ field, path, value }: FieldProps) {
  const [chosen, setChosen] = useState<number | undefined>(undefined);
  const current = chosen ?? variantOf(field, value);
  const data = isMap(value) ? value : {};
  return (
    <fieldset className={styles.group}>
      <legend>{field.title}</legend>
      <SegmentedControl
        fullWidth
        aria-label={field.title}
        value={String(current)}
        onChange={(next) => setChosen(Number(next))}
        data={field.variants.map((variant, position) => ({
          value: String(position),
          label: variant.title,
        }))}
      />
      {field.variants[current]?.fields.map((one) => (
        <FormField key={one.name} field={one} path={`${path}.${one.name}`} value={data[one.name]} />
      ))}
    </fieldset>
  );
}
