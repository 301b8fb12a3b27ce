import { Menu } from "@mantine/core";
import { IconBuilding, IconPlus } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useListWorkspacesQuery } from "@/api/generated";
import { useSwitchWorkspace } from "./use-switch-workspace";
import styles from "./workspaces.module.css";

/** The workspaces that let the person in: go over to one, or make another. */
export function WorkspaceChoices({ onCreate }: { onCreate: () => void }) {
  const { t } = useTranslation();
  const { data, error, isLoading, refetch } = useListWorkspacesQuery(undefined, {
    refetchOnMountOrArgChange: true,
  });
  const { enter, isBusy } = useSwitchWorkspace();
  return (
    <>
      <Menu.Label>{t("workspaces.title")}</Menu.Label>
      {isLoading && <Menu.Item disabled>{t("states.loading")}</Menu.Item>}
      {error && (
        <Menu.Item closeMenuOnClick={false} onClick={refetch}>
          {t("workspaces.unlisted")}
        </Menu.Item>
      )}
      <div role="group" aria-label={t("workspaces.title")} className={styles.list}>
        {data?.items.map(({ id, name, current }) => (
          <Menu.Item
            key={id}
            leftSection={<IconBuilding size={16} />}
            aria-current={current}
            data-current={current || undefined}
            className={styles.item}
            disabled={isBusy}
            onClick={() => {
              if (!current) void enter(id, name);
            }}
          >
            {name}
          </Menu.Item>
        ))}
      </div>
      <Menu.Item leftSection={<IconPlus size={16} />} onClick={onCreate}>
        {t("workspaces.create")}
      </Menu.Item>
    </>
  );
}
