import { Alert } from "@mantine/core";
import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import type { Approval } from "@/api/generated";
import { isMap, type JsonValue } from "@/domain/expressions/values";
import { ago } from "@/shared/lib/format";
import styles from "./approvals.module.css";

/** How an item ended: who decided what, when, and what they changed. */
export function Outcome({ item }: { item: Approval }) {
  const { t } = useTranslation("approvals");
  const { decision } = item;
  const changes = decision?.decision === "edit" ? changesOf(item.values, decision.data) : [];
  return (
    <Alert color="gray" title={t(`statuses.${item.status}`)} className={styles.outcome ?? ""}>
      <p>{outcomeOf(item, t)}</p>
      {decision?.comment && <q>{decision.comment}</q>}
      {changes.length > 0 && (
        <dl className={styles.changes}>
          {changes.map(({ name, before, after }) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>
                <del>{shown(before)}</del> <ins>{shown(after)}</ins>
              </dd>
            </div>
          ))}
        </dl>
      )}
    </Alert>
  );
}

export function outcomeOf({ status, decision }: Approval, t: TFunction<"approvals">): string {
  if (status === "withdrawn") return t("was_withdrawn");
  if (!decision?.by) return t("ran_out");
  return t(`said.${decision.decision}`, { by: decision.by, when: ago(decision.at) });
}

/** Return the entries of a map that an edit has changed. */
export function changesOf(before: JsonValue, after: JsonValue) {
  const [old, next] = [isMap(before) ? before : {}, isMap(after) ? after : {}];
  return [...new Set([...Object.keys(old), ...Object.keys(next)])]
    .map((name) => ({ name, before: old[name], after: next[name] }))
    .filter((one) => shown(one.before) !== shown(one.after));
}

function shown(value: JsonValue | undefined): string {
  if (value === undefined) return "–";
  return typeof value === "string" ? value : JSON.stringify(value);
}
