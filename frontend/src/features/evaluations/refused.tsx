import { Alert } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { isProblem } from "@/shared/lib/problem";
import styles from "./evaluations.module.css";

/** Why the server refused, line by line; nothing when it did not. */
export function Refused({ error }: { error: unknown }) {
  const { t } = useTranslation();
  if (!error) return null;
  const problem = isProblem(error) ? error : undefined;
  return (
    <Alert color="red" role="alert" title={problem?.title ?? t("states.broken")}>
      {problem?.detail}
      {problem && problem.errors.length > 0 && (
        <ul className={styles.lines}>
          {problem.errors.map(({ path, message }) => (
            <li key={`${path} ${message}`}>
              <code>{path}</code>: {message}
            </li>
          ))}
        </ul>
      )}
    </Alert>
  );
}
