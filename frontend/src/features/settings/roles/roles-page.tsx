import { IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useDeleteRoleMutation, useListRolesQuery, type WorkspaceRole } from "@/api/generated";
import { Page } from "@/shared/ui/page";
import { ConfirmDialog } from "../parts/confirm-dialog";
import { Loaded } from "../parts/loaded";
import { MayButton } from "../parts/may-button";
import { NotAllowed } from "../parts/not-allowed";
import { useMay } from "../parts/use-may";
import { NoRoles } from "./no-roles";
import { type EditedRole, RoleDialog } from "./role-dialog";
import { RoleTable } from "./role-table";

/** The roles that members can have: those of every workspace, and those that this one has made of permissions. */
export function RolesPage() {
  const { t } = useTranslation("settings");
  const maySee = useMay("members:read");
  const mayChange = useMay("members:manage");
  const [edited, setEdited] = useState<EditedRole>();
  const create = (
    <MayButton
      may={mayChange}
      leftSection={<IconPlus size={16} />}
      onClick={() => setEdited("new")}
    >
      {t("roles.new")}
    </MayButton>
  );
  return (
    <Page title={t("nav.roles")} text={t("roles.text")} actions={maySee && create}>
      {maySee ? <Roles mayChange={mayChange} edited={edited} onEdit={setEdited} /> : <NotAllowed />}
    </Page>
  );
}

function Roles(props: {
  mayChange: boolean;
  edited: EditedRole | undefined;
  onEdit: (edited: EditedRole | undefined) => void;
}) {
  const { mayChange, edited, onEdit } = props;
  const { t } = useTranslation("settings");
  const query = useListRolesQuery(undefined, { refetchOnMountOrArgChange: true });
  const [asked, setAsked] = useState<WorkspaceRole>();
  const [remove] = useDeleteRoleMutation();
  return (
    <>
      <Loaded query={query}>
        {({ items }) => (
          <>
            {items.every((role) => role.built_in) && (
              <NoRoles mayChange={mayChange} onNew={() => onEdit("new")} />
            )}
            <RoleTable items={items} mayChange={mayChange} onEdit={onEdit} onDelete={setAsked} />
            <RoleDialog edited={edited} roles={items} onClose={() => onEdit(undefined)} />
          </>
        )}
      </Loaded>
      <ConfirmDialog
        isOpen={asked !== undefined}
        title={t("roles.delete_title", { name: asked?.name })}
        action={t("common:actions.delete")}
        onConfirm={() => remove({ roleId: asked?.id ?? "" })}
        onClose={() => setAsked(undefined)}
      >
        {t("roles.delete_text")}
      </ConfirmDialog>
    </>
  );
}
