import { IconUserPlus } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useListMembersQuery } from "@/api/generated";
import { useMay } from "@/api/use-may";
import { Page } from "@/shared/ui/page";
import { Loaded } from "../parts/loaded";
import { MayButton } from "../parts/may-button";
import { NotAllowed } from "../parts/not-allowed";
import { Pager, usePager } from "../parts/pager";
import { Invitations } from "./invitations";
import { InviteDialog } from "./invite-dialog";
import { LeaveCard } from "./leave-card";
import { MemberTable } from "./member-table";
import { RoleCard } from "./role-card";

/** Who is in the workspace with which role, and who was invited. */
export function MembersPage() {
  const { t } = useTranslation("settings");
  const maySee = useMay("members:read");
  const mayChange = useMay("members:manage");
  const [isInviting, setIsInviting] = useState(false);
  const invite = (
    <MayButton
      may={mayChange}
      leftSection={<IconUserPlus size={16} />}
      onClick={() => setIsInviting(true)}
    >
      {t("members.invite")}
    </MayButton>
  );
  return (
    <Page title={t("nav.members")} text={t("members.text")} actions={maySee && invite}>
      {maySee ? <Members mayChange={mayChange} /> : <NotAllowed />}
      {mayChange && <Invitations />}
      <RoleCard />
      <LeaveCard />
      <InviteDialog isOpen={isInviting} onClose={() => setIsInviting(false)} />
    </Page>
  );
}

function Members({ mayChange }: { mayChange: boolean }) {
  const pager = usePager();
  const query = useListMembersQuery(
    { limit: 50, cursor: pager.cursor },
    { refetchOnMountOrArgChange: true },
  );
  return (
    <Loaded query={query}>
      {({ items, next_cursor }) => (
        <>
          <MemberTable items={items} mayChange={mayChange} />
          <Pager pager={pager} next={next_cursor} />
        </>
      )}
    </Loaded>
  );
}
