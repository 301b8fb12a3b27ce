import { IconShieldPlus } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useDeleteRoleMutation, useListRolesQuery, type WorkspaceRole } from "@/api/generated";
import { ListPage } from "../frame/list-page";
import { DeleteDialog } from "../parts/delete-dialog";
import { Loaded } from "../parts/loaded";
import { NothingYet } from "../parts/nothing-yet";
import { type EditedRole, RoleDialog } from "./role-dialog";
import { RoleTable } from "./role-table";

/** The roles that members can have: those of every workspace, and those that this one has made of permissions. */
export function RolesPage() {
  const { t } = useTranslation("settings");
  const [edited, setEdited] = useState<EditedRole>();
  return (
    <ListPage
      title={t("nav.roles")}
      words="roles"
      see="members:read"
      change="members:manage"
      onNew={() => setEdited("new")}
    >
      {(may) => <Roles may={may} edited={edited} onEdit={setEdited} />}
    </ListPage>
  );
}

function Roles(props: {
  may: boolean;
  edited: EditedRole | undefined;
  onEdit: (edited: EditedRole | undefined) => void;
}) {
  const { may, edited, onEdit } = props;
  const query = useListRolesQuery(undefined, { refetchOnMountOrArgChange: true });
  const [asked, setAsked] = useState<WorkspaceRole>();
  const [remove] = useDeleteRoleMutation();
  return (
    <>
      <Loaded query={query}>
        {({ items }) => (
          <>
            {items.every((role) => role.built_in) && (
              <NothingYet
                words="roles"
                icon={IconShieldPlus}
                may={may}
                onNew={() => onEdit("new")}
              />
            )}
            <RoleTable items={items} mayChange={may} onEdit={onEdit} onDelete={setAsked} />
            <RoleDialog edited={edited} roles={items} onClose={() => onEdit(undefined)} />
          </>
        )}
      </Loaded>
      <DeleteDialog
        words="roles"
        asked={asked}
        onDelete={({ id }) => remove({ roleId: id })}
        onClose={() => setAsked(undefined)}
      />
    </>
  );
}
