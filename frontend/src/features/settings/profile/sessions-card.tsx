import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import {
  useEndOtherSessionsMutation,
  useEndSessionMutation,
  useListSessionsQuery,
} from "@/api/generated";
import { Loaded } from "../parts/loaded";
import styles from "../parts/parts.module.css";
import { ProblemAlert } from "../parts/problem-alert";
import { SessionTable } from "./session-table";

/** Where one is signed in, with a way to end what one does not know. */
export function SessionsCard() {
  const { t } = useTranslation("settings");
  const query = useListSessionsQuery(undefined, { refetchOnMountOrArgChange: true });
  const [end, { error }] = useEndSessionMutation();
  const [endOthers, others] = useEndOtherSessionsMutation();
  const hasOthers = query.data?.items.some(({ current }) => !current) ?? false;
  return (
    <section className={styles.section} aria-label={t("profile.sessions.title")}>
      <div className={styles.cardHead}>
        <h2 className={styles.cardTitle}>{t("profile.sessions.title")}</h2>
        {hasOthers && (
          <Button variant="default" loading={others.isLoading} onClick={() => void endOthers()}>
            {t("profile.sessions.end_others")}
          </Button>
        )}
      </div>
      <ProblemAlert error={error ?? others.error} />
      <Loaded query={query}>
        {({ items }) => (
          <SessionTable items={items} onEnd={(sessionId) => void end({ sessionId })} />
        )}
      </Loaded>
    </section>
  );
}
