import { Button } from "@mantine/core";
import { IconLock, IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Secret, useDeleteSecretMutation, useListSecretsQuery } from "@/api/generated";
import { EmptyState } from "@/shared/ui/empty-state";
import { Page } from "@/shared/ui/page";
import { ConfirmDialog } from "../parts/confirm-dialog";
import { Loaded } from "../parts/loaded";
import { MayButton } from "../parts/may-button";
import { NotAllowed } from "../parts/not-allowed";
import { Pager, usePager } from "../parts/pager";
import { useMay } from "../parts/use-may";
import { SecretDialog } from "./secret-dialog";
import { SecretTable } from "./secret-table";

/** Values that steps use and nobody reads again: named, replaced, deleted. */
export function SecretsPage() {
  const { t } = useTranslation("settings");
  const maySee = useMay("secrets:read");
  const mayChange = useMay("secrets:manage");
  const [edited, setEdited] = useState<string>();
  const create = (
    <MayButton may={mayChange} leftSection={<IconPlus size={16} />} onClick={() => setEdited("")}>
      {t("secrets.new")}
    </MayButton>
  );
  return (
    <Page title={t("nav.secrets")} text={t("secrets.text")} actions={maySee && create}>
      {maySee ? <Secrets mayChange={mayChange} onEdit={setEdited} /> : <NotAllowed />}
      <SecretDialog edited={edited} onClose={() => setEdited(undefined)} />
    </Page>
  );
}

function Secrets(props: { mayChange: boolean; onEdit: (name: string) => void }) {
  const { t } = useTranslation("settings");
  const pager = usePager();
  const query = useListSecretsQuery(
    { limit: 50, cursor: pager.cursor },
    { refetchOnMountOrArgChange: true },
  );
  const [asked, setAsked] = useState<Secret>();
  const [remove] = useDeleteSecretMutation();
  return (
    <>
      <Loaded query={query}>
        {({ items, next_cursor }) =>
          items.length === 0 && pager.isFirst ? (
            <NoSecrets {...props} />
          ) : (
            <>
              <SecretTable items={items} onDelete={setAsked} {...props} />
              <Pager pager={pager} next={next_cursor} />
            </>
          )
        }
      </Loaded>
      <ConfirmDialog
        isOpen={asked !== undefined}
        title={t("secrets.delete_title", { name: asked?.name })}
        action={t("common:actions.delete")}
        onConfirm={() => remove({ name: asked?.name ?? "" })}
        onClose={() => setAsked(undefined)}
      >
        {t("secrets.delete_text")}
      </ConfirmDialog>
    </>
  );
}

function NoSecrets({ mayChange, onEdit }: { mayChange: boolean; onEdit: (name: string) => void }) {
  const { t } = useTranslation("settings");
  return (
    <EmptyState
      icon={IconLock}
      title={t("secrets.empty")}
      actions={mayChange && <Button onClick={() => onEdit("")}>{t("secrets.new")}</Button>}
    >
      {t("secrets.empty_text")}
    </EmptyState>
  );
}
