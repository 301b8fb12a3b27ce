/** Whom a workflow can be shared with, and what they are called. */
import { useTranslation } from "react-i18next";
import { type Share, useListMembersQuery, useListRolesQuery } from "@/api/generated";

/** Roles that may always do everything: sharing with them would say nothing. */
const ALWAYS = ["owner", "admin"];
const MOST_MEMBERS = 200;

export interface Person {
  kind: Share["kind"];
  who: string;
  name: string;
}

export function keyOf({ kind, who }: Pick<Share, "kind" | "who">): string {
  return `${kind}:${who}`;
}

/** Return those who can be chosen, whether they are known yet, and the name of anybody. */
export function usePeople() {
  const { t } = useTranslation("sharing");
  const members = useListMembersQuery({ limit: MOST_MEMBERS });
  const roles = useListRolesQuery();
  const roleName = (name: string) => t("role", { name: t(`role_names.${name}`, name) });
  const people: Person[] = [
    ...(roles.data?.items ?? [])
      .filter(({ name }) => !ALWAYS.includes(name))
      .map(({ name }): Person => ({ kind: "role", who: name, name: roleName(name) })),
    ...(members.data?.items ?? [])
      .filter(({ role }) => !ALWAYS.includes(role))
      .map(({ user_id, email }): Person => ({ kind: "member", who: user_id, name: email })),
  ];
  const nameOf = ({ kind, who }: Share): string => {
    if (kind === "role") return roleName(who);
    return members.data?.items.find(({ user_id }) => user_id === who)?.email ?? t("gone");
  };
  return {
    people,
    nameOf,
    isLoading: members.isLoading || roles.isLoading,
    error: members.error ?? roles.error,
    refetch: () => {
      members.refetch();
      roles.refetch();
    },
  };
}
