import { isMap } from "@/domain/expressions/values";
import { type FieldProps, FormField } from "./form-field";
import styles from "./inspector.module.css";

/** The fields of an object below its title. */
export function FieldGroup({ field, path, value }: FieldProps) {
  const data = isMap(value) ? value : {};
  return (
    <fieldset className={styles.group}>
      <legend>{field.title}</legend>
      {field.fields.map((one) => (
        <FormField key={one.name} field={one} path={`${path}.${one.name}`} value={data[one.name]} />
      ))}
    </fieldset>
  );
}
