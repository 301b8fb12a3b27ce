import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Member, useChangeMemberMutation, useRemoveMemberMutation } from "@/api/generated";
import { ConfirmDialog } from "../parts/confirm-dialog";
import { type Column, DataTable } from "../parts/data-table";
import { Moment } from "../parts/moment";
import { ProblemAlert } from "../parts/problem-alert";
import { useMe } from "../parts/use-me";
import { MemberActions } from "./member-actions";
import { MemberName } from "./member-name";
import { RoleSelect } from "./role-select";

/** Members; what the server refuses, such as taking the last owner away, stands above the table. */
export function MemberTable({ items, mayChange }: { items: Member[]; mayChange: boolean }) {
  const { t } = useTranslation("settings");
  const { me, renew } = useMe();
  const [asked, setAsked] = useState<Member>();
  const [change, { error }] = useChangeMemberMutation();
  const [remove] = useRemoveMemberMutation();
  const setRole = async (member: Member, role: string) => {
    const done = await change({ userId: member.user_id, changeMember: { role } });
    if (!done.error && member.user_id === me?.user.id) await renew();
  };
  const columns: Column<Member>[] = [
    {
      label: t("columns.person"),
      cell: (member) => <MemberName member={member} isSelf={member.user_id === me?.user.id} />,
    },
    {
      label: t("columns.role"),
      width: "150px",
      cell: (member) => (
        <RoleSelect
          label={t("members.role_of", { email: member.email })}
          value={member.role}
          isDisabled={!mayChange}
          onChange={(role) => void setRole(member, role)}
        />
      ),
    },
    {
      label: t("columns.joined"),
      width: "110px",
      cell: (member) => <Moment at={member.joined_at} />,
    },
    {
      label: t("columns.actions"),
      width: "200px",
      cell: (member) => (
        <MemberActions
          member={member}
          may={mayChange}
          onSuspend={(suspended) =>
            void change({ userId: member.user_id, changeMember: { suspended } })
          }
          onRemove={() => setAsked(member)}
        />
      ),
    },
  ];
  return (
    <>
      <ProblemAlert error={error} />
      <DataTable
        label={t("nav.members")}
        columns={columns}
        items={items}
        keyOf={(member) => member.user_id}
      />
      <ConfirmDialog
        isOpen={asked !== undefined}
        title={t("members.remove_title", { email: asked?.email })}
        action={t("members.remove")}
        onConfirm={() => remove({ userId: asked?.user_id ?? "" })}
        onClose={() => setAsked(undefined)}
      >
        {t("members.remove_text")}
      </ConfirmDialog>
    </>
  );
}
