import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { type Remedy, useListRunFailuresQuery } from "@/api/generated";
import styles from "./run.module.css";

/** How often the workflow has failed like this run, and what the next success did otherwise. */
export default function KnownFailure({ runId }: { runId: string }) {
  const { t, i18n } = useTranslation("runs");
  const { data } = useListRunFailuresQuery({ runId }, { refetchOnMountOrArgChange: true });
  const known = data?.items[0];
  // It is a hint beside the error: what is not known, or cannot be asked for, is not worth a line.
  if (!known) return null;
  const day = new Intl.DateTimeFormat(i18n.language, { dateStyle: "medium" });
  return (
    <section className={styles.block} aria-label={t("known.title")}>
      <header>
        <h3>{t("known.title")}</h3>
      </header>
      <p className={styles.quiet}>
        {t("known.seen", { count: known.seen, since: day.format(Date.parse(known.first_seen)) })}
      </p>
      {known.remedies.length === 0 && <p className={styles.quiet}>{t("known.none")}</p>}
      <ul className={styles.files}>
        {known.remedies.map((remedy) => (
          <RemedyRow key={remedy.kind} remedy={remedy} />
        ))}
      </ul>
    </section>
  );
}

export function RemedyRow({ remedy }: { remedy: Remedy }) {
  const { t } = useTranslation("runs");
  return (
    <li>
      <span>{t(`known.${remedy.kind}`, { count: remedy.runs })}</span>
      <Link to={`/runs/${remedy.last_run_id}`}>
        {remedy.last_version === null
          ? t("known.last")
          : t("known.last_version", { version: remedy.last_version })}
      </Link>
    </li>
  );
}
