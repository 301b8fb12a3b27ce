import { Select } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { type Model, useGetSettingsQuery, useReplaceSettingsMutation } from "@/api/generated";
import { useMay } from "@/api/use-may";
import styles from "../parts/parts.module.css";
import { ProblemAlert } from "../parts/problem-alert";

const PLATFORM = "";

/** Which model steps use that name none; the workspace's settings keep it. */
export function DefaultModel({ models }: { models: Model[] }) {
  const { t } = useTranslation("settings");
  const maySee = useMay("settings:read");
  const may = useMay("settings:manage");
  const { data, error } = useGetSettingsQuery(undefined, {
    skip: !maySee,
    refetchOnMountOrArgChange: true,
  });
  const [replace, { error: refusal, isLoading }] = useReplaceSettingsMutation();
  if (!maySee) return null;
  const choose = (name: string | null) => {
    if (!data || name === null) return;
    const { run_retention_days, self_approval, etag } = data;
    void replace({
      "if-match": etag,
      saveSettings: { run_retention_days, self_approval, default_model: name || null },
    });
  };
  const own = models.filter(({ source }) => source === "workspace").map(({ name }) => name);
  return (
    <section className={styles.card} aria-label={t("models.default")}>
      <ProblemAlert error={refusal ?? error} />
      <Select
        label={t("models.default")}
        description={t("models.default_text")}
        maw={420}
        allowDeselect={false}
        disabled={!may || !data || isLoading}
        title={may ? undefined : t("forbidden")}
        value={data?.default_model ?? PLATFORM}
        onChange={choose}
        data={[
          { value: PLATFORM, label: t("models.of_platform") },
          ...own.map((value) => ({ value, label: value })),
        ]}
      />
    </section>
  );
}
