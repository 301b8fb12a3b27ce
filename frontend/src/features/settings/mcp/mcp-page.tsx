import { Button } from "@mantine/core";
import { IconPlug, IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import {
  type McpServer,
  useDeleteMcpServerMutation,
  useListMcpServersQuery,
} from "@/api/generated";
import { EmptyState } from "@/shared/ui/empty-state";
import { Page } from "@/shared/ui/page";
import { ConfirmDialog } from "../parts/confirm-dialog";
import { Loaded } from "../parts/loaded";
import { MayButton } from "../parts/may-button";
import { NotAllowed } from "../parts/not-allowed";
import { useMay } from "../parts/use-may";
import { ProgramCard } from "./program-card";
import { ServerCard } from "./server-card";
import { type EditedServer, ServerDialog } from "./server-dialog";

/** MCP servers whose tools workflows and agents may call, once somebody has agreed to them one by one. */
export function McpPage() {
  const { t } = useTranslation("settings");
  const maySee = useMay("mcp_servers:read");
  const may = useMay("mcp_servers:manage");
  const [edited, setEdited] = useState<EditedServer>();
  const add = (
    <MayButton may={may} leftSection={<IconPlus size={16} />} onClick={() => setEdited("new")}>
      {t("mcp.new")}
    </MayButton>
  );
  return (
    <Page title={t("nav.mcp")} text={t("mcp.text")} actions={maySee && add}>
      {maySee ? <Servers may={may} onEdit={setEdited} /> : <NotAllowed />}
      <ServerDialog edited={edited} onClose={() => setEdited(undefined)} />
    </Page>
  );
}

function Servers({ may, onEdit }: { may: boolean; onEdit: (edited: EditedServer) => void }) {
  const { t } = useTranslation("settings");
  const query = useListMcpServersQuery(undefined, { refetchOnMountOrArgChange: true });
  const [asked, setAsked] = useState<McpServer>();
  const [remove] = useDeleteMcpServerMutation();
  return (
    <>
      <Loaded query={query}>
        {({ items, programs }) => (
          <>
            {items.length === 0 && (
              <EmptyState
                icon={IconPlug}
                title={t("mcp.empty")}
                actions={may && <Button onClick={() => onEdit("new")}>{t("mcp.new")}</Button>}
              >
                {t("mcp.empty_text")}
              </EmptyState>
            )}
            {items.map((server) => (
              <ServerCard
                key={server.id}
                server={server}
                may={may}
                onEdit={() => onEdit(server)}
                onDelete={() => setAsked(server)}
              />
            ))}
            {programs.map((program) => (
              <ProgramCard key={program.name} program={program} />
            ))}
          </>
        )}
      </Loaded>
      <ConfirmDialog
        isOpen={asked !== undefined}
        title={t("mcp.delete_title", { name: asked?.name })}
        action={t("common:actions.delete")}
        onConfirm={() => remove({ serverId: asked?.id ?? "" })}
        onClose={() => setAsked(undefined)}
      >
        {t("mcp.delete_text")}
      </ConfirmDialog>
    </>
  );
}
