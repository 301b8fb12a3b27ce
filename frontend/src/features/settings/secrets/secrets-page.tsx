import { IconLock } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Secret, useDeleteSecretMutation, useListSecretsQuery } from "@/api/generated";
import { ListPage } from "../frame/list-page";
import { DeleteDialog } from "../parts/delete-dialog";
import { Loaded } from "../parts/loaded";
import { NothingYet } from "../parts/nothing-yet";
import { Pager, usePager } from "../parts/pager";
import { type EditedSecret, SecretDialog } from "./secret-dialog";
import { SecretTable } from "./secret-table";

/** Values that steps use and nobody reads again: named, replaced, deleted. */
export function SecretsPage() {
  const { t } = useTranslation("settings");
  const [edited, setEdited] = useState<EditedSecret>();
  return (
    <ListPage
      title={t("nav.secrets")}
      words="secrets"
      see="secrets:read"
      change="secrets:manage"
      onNew={() => setEdited("new")}
    >
      {(may) => (
        <>
          <Secrets mayChange={may} onEdit={setEdited} />
          <SecretDialog edited={edited} onClose={() => setEdited(undefined)} />
        </>
      )}
    </ListPage>
  );
}

function Secrets(props: { mayChange: boolean; onEdit: (edited: EditedSecret) => void }) {
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
            <NothingYet
              words="secrets"
              icon={IconLock}
              may={props.mayChange}
              onNew={() => props.onEdit("new")}
            />
          ) : (
            <>
              <SecretTable items={items} onDelete={setAsked} {...props} />
              <Pager pager={pager} next={next_cursor} />
            </>
          )
        }
      </Loaded>
      <DeleteDialog
        words="secrets"
        asked={asked}
        onDelete={({ name }) => remove({ name })}
        onClose={() => setAsked(undefined)}
      />
    </>
  );
}
