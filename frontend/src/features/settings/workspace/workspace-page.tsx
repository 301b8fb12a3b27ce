import { Button, NumberInput, Stack, Switch } from "@mantine/core";
import type { FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { useGetSettingsQuery, type WorkspaceSettings } from "@/api/generated";
import { useMay } from "@/api/use-may";
import { Page } from "@/shared/ui/page";
import { Loaded } from "../parts/loaded";
import { NotAllowed } from "../parts/not-allowed";
import styles from "../parts/parts.module.css";
import { Refusal } from "../parts/refusal";
import { useMe } from "../parts/use-me";
import { useSettings } from "./use-settings";

const MOST_DAYS = 3_650;

/** What holds for all of the workspace. */
export function WorkspacePage() {
  const { t } = useTranslation("settings");
  const { me } = useMe();
  const maySee = useMay("settings:read");
  return (
    <Page title={t("nav.workspace")} text={t("workspace.text", { name: me?.workspace.name })}>
      {maySee ? <Settings /> : <NotAllowed />}
    </Page>
  );
}

function Settings() {
  const query = useGetSettingsQuery(undefined, { refetchOnMountOrArgChange: true });
  return <Loaded query={query}>{(settings) => <SettingsForm loaded={settings} />}</Loaded>;
}

function SettingsForm({ loaded }: { loaded: WorkspaceSettings }) {
  const { t } = useTranslation("settings");
  const may = useMay("settings:manage");
  const form = useSettings(loaded);
  const { days, approval, error } = form;
  const labelOf = (field: string) =>
    t(field === "self_approval" ? "workspace.self_approval" : "workspace.retention");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void form.save();
  };
  return (
    <form className={styles.card} onSubmit={submit} aria-label={t("nav.workspace")}>
      <Stack>
        <NumberInput
          label={t("workspace.retention")}
          description={t("workspace.retention_text")}
          placeholder={t("workspace.retention_platform")}
          maw={420}
          min={1}
          max={MOST_DAYS}
          allowDecimal={false}
          disabled={!may}
          value={days ?? ""}
          onChange={(value) => form.setDays(value === "" ? null : Number(value))}
        />
        <Switch
          label={t("workspace.self_approval")}
          description={t("workspace.self_approval_text")}
          disabled={!may}
          checked={approval === "allow"}
          onChange={(event) => form.setApproval(event.currentTarget.checked ? "allow" : "forbid")}
        />
        <Refusal error={error} conflict={form.conflict} onChosen={form.forget} labelOf={labelOf} />
        <output className={styles.muted}>
          {may ? form.isSaved && t("workspace.saved") : t("forbidden")}
        </output>
        <div>
          <Button
            type="submit"
            loading={form.isLoading}
            disabled={!may || !form.isChanged || form.conflict !== undefined}
          >
            {t("common:actions.save")}
          </Button>
        </div>
      </Stack>
    </form>
  );
}
