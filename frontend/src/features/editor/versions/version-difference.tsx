import { Skeleton } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useCompareVersionsQuery } from "@/api/generated";
import { ErrorState } from "@/shared/ui/error-state";
import { DifferenceLines } from "../difference-lines";
import styles from "./versions.module.css";

/** What the draft has that the version has not, and the reverse. */
export function VersionDifference(props: {
  workflowId: string;
  version: number;
  onSave: () => Promise<boolean>;
}) {
  const { workflowId, version, onSave } = props;
  const { t } = useTranslation("editor");
  const isSaved = useSavedFirst(onSave);
  const { data, error, isFetching, refetch } = useCompareVersionsQuery(
    { workflowId, before: String(version), after: "draft" },
    { refetchOnMountOrArgChange: true, skip: !isSaved },
  );
  if (error) return <ErrorState error={error} onRetry={refetch} />;
  if (!data || isFetching) return <Skeleton height={240} />;
  if (data.unified === "") return <p className={styles.none}>{t("versions.same")}</p>;
  const changes = (["added", "changed", "removed"] as const).filter((one) => data[one].length > 0);
  return (
    <section className={styles.difference} aria-label={t("versions.difference", { version })}>
      {changes.map((one) => (
        <p key={one} className={styles.steps}>
          {t(`versions.${one}`, { steps: data[one].join(", ") })}
        </p>
      ))}
      <DifferenceLines lines={signed(data.unified)} />
    </section>
  );
}

function signed(text: string) {
  return text
    .split("\n")
    .map((line) => ({ text: line, sign: /^[+-](?![+-]{2})/.test(line) ? line[0] : undefined }));
}

/** The server compares with the draft that it has: what was written a moment ago is sent before. */
function useSavedFirst(onSave: () => Promise<boolean>): boolean {
  const [isSaved, setIsSaved] = useState(false);
  const save = useRef(onSave);
  useEffect(() => {
    let isCurrent = true;
    // Without a network it is compared with what the server had last.
    void save.current().finally(() => isCurrent && setIsSaved(true));
    return () => {
      isCurrent = false;
    };
  }, []);
  return isSaved;
}
