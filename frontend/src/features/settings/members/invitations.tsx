import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import {
  type Invitation,
  useListInvitationsQuery,
  useRevokeInvitationMutation,
} from "@/api/generated";
import { type Column, DataTable } from "../parts/data-table";
import { Loaded } from "../parts/loaded";
import { Moment } from "../parts/moment";
import { Pager, usePager } from "../parts/pager";
import styles from "../parts/parts.module.css";
import { ProblemAlert } from "../parts/problem-alert";

/** Invitations that can still be accepted. */
export function Invitations() {
  const { t } = useTranslation("settings");
  const pager = usePager();
  const query = useListInvitationsQuery(
    { limit: 50, cursor: pager.cursor },
    { refetchOnMountOrArgChange: true },
  );
  const [revoke, { error }] = useRevokeInvitationMutation();
  const columns: Column<Invitation>[] = [
    {
      label: t("columns.person"),
      cell: ({ email, invited_by }) => (
        <>
          <span className={styles.name}>{email}</span>
          <span className={styles.muted}>{t("members.invited_by", { email: invited_by })}</span>
        </>
      ),
    },
    {
      label: t("columns.role"),
      width: "150px",
      cell: ({ role }) => t(`members.roles.${role}`, role),
    },
    {
      label: t("columns.ends"),
      width: "110px",
      cell: (invitation) => <Moment at={invitation.expires_at} />,
    },
    {
      label: t("columns.actions"),
      width: "200px",
      cell: ({ id, email }) => (
        <div className={styles.actions}>
          <Button
            variant="default"
            size="xs"
            aria-label={t("members.revoke_of", { email })}
            onClick={() => void revoke({ invitationId: id })}
          >
            {t("members.revoke")}
          </Button>
        </div>
      ),
    },
  ];
  return (
    <>
      <h2 className={styles.cardTitle}>{t("members.invitations")}</h2>
      <ProblemAlert error={error} />
      <Loaded query={query}>
        {({ items, next_cursor }) =>
          items.length === 0 && pager.isFirst ? (
            <p className={styles.cardText}>{t("members.no_invitations")}</p>
          ) : (
            <>
              <DataTable
                label={t("members.invitations")}
                columns={columns}
                items={items}
                keyOf={({ id }) => id}
              />
              <Pager pager={pager} next={next_cursor} />
            </>
          )
        }
      </Loaded>
    </>
  );
}
