import { Button, Menu } from "@mantine/core";
import { IconBookmark, IconBookmarkPlus, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useSelector } from "react-redux";
import { selectSession } from "@/api/session-slice";
import { keepViews, readViews, type SavedView, withView } from "./run-views";
import { SaveViewDialog } from "./save-view-dialog";

const OURS = [
  { name: "failed", line: "status:failed since:24h" },
  { name: "slow", line: "duration:>1m since:7d" },
  { name: "going", line: "status:queued,running,waiting,paused" },
];

/** Lines that are used often: some of ours, and those that the person keeps in this browser. */
export function ViewsMenu({ line, onChoose }: { line: string; onChoose: (line: string) => void }) {
  const { t } = useTranslation("runs");
  const { me } = useSelector(selectSession);
  const owner = `${me?.user.id}/${me?.workspace.id}`;
  const [views, setViews] = useState(() => readViews(owner));
  const [isSaving, setIsSaving] = useState(false);
  const keep = (next: SavedView[]) => {
    keepViews(owner, next);
    setViews(next);
  };
  const here = views.find((view) => view.line === line);
  return (
    <>
      <Menu position="bottom-end" width={260}>
        <Menu.Target>
          <Button variant="default" leftSection={<IconBookmark size={16} />}>
            {here?.name ?? t("views.title")}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {OURS.map((view) => (
            <Menu.Item key={view.name} onClick={() => onChoose(view.line)}>
              {t(`views.${view.name}`)}
            </Menu.Item>
          ))}
          {views.length > 0 && <Menu.Label>{t("views.mine")}</Menu.Label>}
          {views.map((view) => (
            <Menu.Item key={view.name} onClick={() => onChoose(view.line)}>
              {view.name}
            </Menu.Item>
          ))}
          <Menu.Divider />
          <Menu.Item
            leftSection={<IconBookmarkPlus size={16} />}
            disabled={!line}
            onClick={() => setIsSaving(true)}
          >
            {t("views.save")}
          </Menu.Item>
          {here && (
            <Menu.Item
              color="red"
              leftSection={<IconTrash size={16} />}
              onClick={() => keep(views.filter((view) => view !== here))}
            >
              {t("views.forget", { name: here.name })}
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      {isSaving && (
        <SaveViewDialog
          onSave={(name) => keep(withView(views, { name, line }))}
          onClose={() => setIsSaving(false)}
        />
      )}
    </>
  );
}
