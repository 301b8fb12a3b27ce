import { TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import {
  useChangeRoleMutation,
  useCreateRoleMutation,
  useLazyListRolesQuery,
  type WorkspaceRole,
} from "@/api/generated";
import { useMerging } from "@/shared/hooks/use-merging";
import { Dialog } from "@/shared/ui/dialog";
import { DialogForm } from "../parts/dialog-form";
import { foundInList } from "../parts/found-in-list";
import { tellDone } from "../parts/tell";
import { PermissionField } from "./permission-field";

export type EditedRole = WorkspaceRole | "new";

interface RoleFields {
  name: string;
  description: string;
  permissions: string[];
}

/** Makes a role, or changes what everybody who has it may do. */
export function RoleDialog(props: {
  edited: EditedRole | undefined;
  roles: WorkspaceRole[];
  onClose: () => void;
}) {
  const { t } = useTranslation("settings");
  const { edited, roles, onClose } = props;
  const known = edited === "new" ? undefined : edited;
  return (
    <Dialog
      opened={edited !== undefined}
      onClose={onClose}
      size="lg"
      title={known ? t("roles.edit_of", { name: known.name }) : t("roles.new")}
    >
      <RoleForm known={known} roles={roles} onClose={onClose} />
    </Dialog>
  );
}

function RoleForm(props: {
  known: WorkspaceRole | undefined;
  roles: WorkspaceRole[];
  onClose: () => void;
}) {
  const { t } = useTranslation("settings");
  const { roles, onClose } = props;
  const form = useRoleFields(props.known, onClose);
  const { base: known, fields, setFields } = form;
  const save = useSave(known);
  const all = roles.find((role) => role.name === "owner")?.permissions ?? fields.permissions;
  const submit = async () => {
    const done = await save(fields);
    if (!done.error) {
      tellDone(t("roles.saved", { name: fields.name.trim() }));
      onClose();
    }
    return form.settle(done);
  };
  return (
    <DialogForm
      action={t("common:actions.save")}
      onSubmit={submit}
      onClose={onClose}
      isReady={fields.name.trim() !== "" && fields.permissions.length > 0}
      conflict={form.conflict}
      labelOf={(field) => t(field === "permissions" ? "columns.scopes" : "roles.description")}
    >
      {!known && (
        <TextInput
          label={t("columns.name")}
          description={t("roles.name_text")}
          placeholder="support-lead"
          data-autofocus
          required
          autoComplete="off"
          value={fields.name}
          onChange={(event) => setFields({ ...fields, name: event.currentTarget.value })}
        />
      )}
      <TextInput
        label={t("roles.description")}
        maxLength={200}
        value={fields.description}
        onChange={(event) => setFields({ ...fields, description: event.currentTarget.value })}
      />
      <PermissionField
        all={all}
        chosen={fields.permissions}
        onChange={(permissions) => setFields({ ...fields, permissions })}
      />
    </DialogForm>
  );
}

/** What stands in the form; when somebody else was faster, beside what they saved. */
function useRoleFields(known: WorkspaceRole | undefined, onClose: () => void) {
  const [read] = useLazyListRolesQuery();
  return useMerging<WorkspaceRole | undefined, RoleFields>({
    loaded: known,
    fieldsOf: (role) => ({
      name: role?.name ?? "",
      description: role?.description ?? "",
      permissions: role?.permissions ?? [],
    }),
    read: () => foundInList(read, ({ id }) => id === known?.id),
    onGone: onClose,
  });
}

function useSave(known: WorkspaceRole | undefined) {
  const [create] = useCreateRoleMutation();
  const [change] = useChangeRoleMutation();
  return ({ name, description, permissions }: RoleFields) =>
    known
      ? change({
          roleId: known.id,
          "if-match": known.etag,
          changeRole: { description, permissions },
        })
      : create({ createRole: { name: name.trim(), description, permissions } });
}
