import { useTranslation } from "react-i18next";
import { isProblem } from "@/shared/lib/problem";
import { Notice } from "./notice";
import styles from "./parts.module.css";

/** Why the server refused, field by field; nothing when it did not. */
export function ProblemAlert({ error }: { error: unknown }) {
  const { t } = useTranslation();
  if (!error) return null;
  const problem = isProblem(error) ? error : undefined;
  return (
    <Notice tone="failed" title={problem?.title ?? t("states.broken")} isUrgent>
      {problem?.detail}
      {problem && problem.errors.length > 0 && (
        <ul className={styles.problems}>
          {problem.errors.map(({ path, message }) => (
            <li key={`${path} ${message}`}>
              <code>{path}</code>: {message}
            </li>
          ))}
        </ul>
      )}
      {problem?.trace_id && (
        <div className={styles.code}>{t("states.trace", { id: problem.trace_id })}</div>
      )}
    </Notice>
  );
}
