import { useState } from "react";
import { useTranslation } from "react-i18next";
import {
  type Member,
  useChangeMemberMutation,
  useDisableAccountMutation,
  useEnableAccountMutation,
  useRemoveMemberMutation,
} from "@/api/generated";
import { ConfirmDialog } from "../parts/confirm-dialog";
import { type Column, DataTable } from "../parts/data-table";
import { Moment } from "../parts/moment";
import { ProblemAlert } from "../parts/problem-alert";
import { useMe } from "../parts/use-me";
import { MemberActions } from "./member-actions";
import { MemberName } from "./member-name";
import { RoleSelect } from "./role-select";

/** What is done to a member only after asking. */
interface Asked {
  member: Member;
  deed: "remove" | "disable";
}

/** Members; what the server refuses, such as taking the last owner away, stands above the table. */
export function MemberTable({ items, mayChange }: { items: Member[]; mayChange: boolean }) {
  const { t } = useTranslation("settings");
  const { me, renew } = useMe();
  const [asked, setAsked] = useState<Asked>();
  const [change, { error }] = useChangeMemberMutation();
  const [enable, { error: notEnabled }] = useEnableAccountMutation();
  const [disable] = useDisableAccountMutation();
  const [remove] = useRemoveMemberMutation();
  const deed = asked?.deed ?? "remove";
  const userId = asked?.member.user_id ?? "";
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
      width: "290px",
      cell: (member) => (
        <MemberActions
          member={member}
          may={mayChange}
          onSuspend={(suspended) =>
            void change({ userId: member.user_id, changeMember: { suspended } })
          }
          isSelf={member.user_id === me?.user.id}
          onEnable={() => void enable({ userId: member.user_id })}
          onDisable={() => setAsked({ member, deed: "disable" })}
          onRemove={() => setAsked({ member, deed: "remove" })}
        />
      ),
    },
  ];
  return (
    <>
      <ProblemAlert error={error ?? notEnabled} />
      <DataTable
        label={t("nav.members")}
        columns={columns}
        items={items}
        keyOf={(member) => member.user_id}
      />
      <ConfirmDialog
        isOpen={asked !== undefined}
        title={t(`members.${deed}_title`, { email: asked?.member.email })}
        action={t(`members.${deed}`)}
        onConfirm={() => (deed === "remove" ? remove({ userId }) : disable({ userId }))}
        onClose={() => setAsked(undefined)}
      >
        {t(`members.${deed}_text`)}
      </ConfirmDialog>
    </>
  );
}
