import { IconPlug } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import {
  type McpServer,
  useDeleteMcpServerMutation,
  useListMcpServersQuery,
} from "@/api/generated";
import { ListPage } from "../frame/list-page";
import { DeleteDialog } from "../parts/delete-dialog";
import { Loaded } from "../parts/loaded";
import { NothingYet } from "../parts/nothing-yet";
import { ProgramCard } from "./program-card";
import { ServerCard } from "./server-card";
import { type EditedServer, ServerDialog } from "./server-dialog";

/** MCP servers whose tools workflows and agents may call, once somebody has agreed to them one by one. */
export function McpPage() {
  const { t } = useTranslation("settings");
  const [edited, setEdited] = useState<EditedServer>();
  return (
    <ListPage
      title={t("nav.mcp")}
      words="mcp"
      see="mcp_servers:read"
      change="mcp_servers:manage"
      onNew={() => setEdited("new")}
    >
      {(may) => (
        <>
          <Servers may={may} onEdit={setEdited} />
          <ServerDialog edited={edited} onClose={() => setEdited(undefined)} />
        </>
      )}
    </ListPage>
  );
}

function Servers({ may, onEdit }: { may: boolean; onEdit: (edited: EditedServer) => void }) {
  const query = useListMcpServersQuery(undefined, { refetchOnMountOrArgChange: true });
  const [asked, setAsked] = useState<McpServer>();
  const [remove] = useDeleteMcpServerMutation();
  return (
    <>
      <Loaded query={query}>
        {({ items, programs }) => (
          <>
            {items.length === 0 && (
              <NothingYet words="mcp" icon={IconPlug} may={may} onNew={() => onEdit("new")} />
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
      <DeleteDialog
        words="mcp"
        asked={asked}
        onDelete={({ id }) => remove({ serverId: id })}
        onClose={() => setAsked(undefined)}
      />
    </>
  );
}
