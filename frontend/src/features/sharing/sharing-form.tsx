import { Alert, Button, Group, Radio, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { type Share, type Sharing, useDescribeMeQuery } from "@/api/generated";
import { isProblem } from "@/shared/lib/problem";
import { ConflictNotice } from "@/shared/ui/conflict-notice";
import { AddShare } from "./add-share";
import { ShareList } from "./share-list";
import styles from "./sharing.module.css";
import { keyOf, type Person } from "./use-people";
import { SCOPE, shareOf, useSharing } from "./use-sharing";

interface SharingFormProps {
  workflowId: string;
  known: Sharing;
  people: Person[];
  nameOf: (share: Share) => string;
}

/** Changes with whom a workflow is shared; nothing holds before it is saved. */
export function SharingForm({ workflowId, known, people, nameOf }: SharingFormProps) {
  const { t } = useTranslation("sharing");
  const form = useSharing(workflowId, known);
  const { isRestricted, shares, conflict } = form;
  const mayChange = useMayChange(known);
  const taken = new Set(shares.map(keyOf));
  return (
    <Stack className={styles.form}>
      {!mayChange && <Alert color="gray">{t("not_yours")}</Alert>}
      <Radio.Group
        label={t("scope")}
        value={isRestricted ? "some" : "everybody"}
        onChange={(value) => form.setRestricted(value === "some")}
      >
        <Stack gap="xs" mt="xs">
          <Radio value="everybody" label={t("everybody")} disabled={!mayChange} />
          <Radio value="some" label={t("some")} disabled={!mayChange} />
        </Stack>
      </Radio.Group>
      {isRestricted && (
        <>
          <ShareList
            shares={shares}
            nameOf={nameOf}
            mayChange={mayChange}
            onChange={form.setShares}
          />
          {mayChange && (
            <AddShare
              people={people.filter((one) => !taken.has(keyOf(one)))}
              onAdd={(share) => form.setShares([...shares, share])}
            />
          )}
        </>
      )}
      <Text size="sm" c="dimmed">
        {t("always")}
      </Text>
      {conflict ? (
        <ConflictNotice
          conflict={conflict}
          labelOf={(field) => (field === SCOPE ? t("scope") : nameOf(shareOf(field, "view")))}
          show={(field, value) => t(field === SCOPE ? `${value}` : `reaches.${value}`)}
        />
      ) : (
        <SharingProblem error={form.error} />
      )}
      {mayChange && (
        <Group justify="flex-end">
          <Button loading={form.isLoading} disabled={conflict !== undefined} onClick={form.save}>
            {t("save")}
          </Button>
        </Group>
      )}
    </Stack>
  );
}

function SharingProblem({ error }: { error: unknown }) {
  const { t } = useTranslation("sharing");
  if (!error) return null;
  const problem = isProblem(error) ? error : undefined;
  return (
    <Alert color="red" role="alert" title={problem?.title ?? t("common:states.broken")}>
      {problem?.detail}
    </Alert>
  );
}

/** Sharing is editing: the role must allow to change workflows, and this one must be shared so far. */
function useMayChange({ reach }: Sharing): boolean {
  const { data } = useDescribeMeQuery();
  return reach === "edit" && (data?.permissions.includes("workflows:write") ?? false);
}
