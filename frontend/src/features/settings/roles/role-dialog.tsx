import { TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useChangeRoleMutation, useCreateRoleMutation, type WorkspaceRole } from "@/api/generated";
import { Dialog } from "@/shared/ui/dialog";
import { DialogForm } from "../parts/dialog-form";
import { tellDone } from "../parts/tell";
import { PermissionField } from "./permission-field";

export type EditedRole = WorkspaceRole | "new";

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
  const { known, roles, onClose } = props;
  const [create] = useCreateRoleMutation();
  const [change] = useChangeRoleMutation();
  const [name, setName] = useState(known?.name ?? "");
  const [description, setDescription] = useState(known?.description ?? "");
  const [permissions, setPermissions] = useState(known?.permissions ?? []);
  const all = roles.find((role) => role.name === "owner")?.permissions ?? permissions;
  const submit = async () => {
    const done = known
      ? await change({ roleId: known.id, changeRole: { description, permissions } })
      : await create({ createRole: { name: name.trim(), description, permissions } });
    if (!done.error) {
      tellDone(t("roles.saved", { name: name.trim() }));
      onClose();
    }
    return done;
  };
  return (
    <DialogForm
      action={t("common:actions.save")}
      onSubmit={submit}
      onClose={onClose}
      isReady={name.trim() !== "" && permissions.length > 0}
    >
      {!known && (
        <TextInput
          label={t("columns.name")}
          description={t("roles.name_text")}
          placeholder="support-lead"
          data-autofocus
          required
          autoComplete="off"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
      )}
      <TextInput
        label={t("roles.description")}
        maxLength={200}
        value={description}
        onChange={(event) => setDescription(event.currentTarget.value)}
      />
      <PermissionField all={all} chosen={permissions} onChange={setPermissions} />
    </DialogForm>
  );
}
