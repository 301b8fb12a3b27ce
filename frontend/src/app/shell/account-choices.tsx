import { Menu } from "@mantine/core";
import { IconLogout, IconMoon, IconSun, IconSunMoon } from "@tabler/icons-react";
import { Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { useSelector } from "react-redux";
import { useNavigate } from "react-router";
import { forgetToken } from "@/api/access-token";
import { api } from "@/api/api";
import { useLogOutMutation } from "@/api/generated";
import { leftByChoice } from "@/api/session-slice";
import { useAppDispatch } from "@/shared/hooks/use-app-dispatch";
import { useLateOpening } from "@/shared/hooks/use-late-opening";
import { late } from "@/shared/lib/late";
import { prefsChanged, selectPrefs } from "@/shared/prefs/prefs-slice";
import { WorkspaceChoices } from "../workspaces/workspace-choices";
import { AccountButton } from "./account-button";
import styles from "./account-menu.module.css";

const NewWorkspace = late(() => import("../workspaces/new-workspace"));

const SCHEMES = [
  { scheme: "light", icon: IconSun },
  { scheme: "dark", icon: IconMoon },
  { scheme: "system", icon: IconSunMoon },
] as const;

/** What can be done from everywhere: go over to another workspace, choose a theme, leave. */
export default function AccountChoices(props: {
  isOpen: boolean;
  onChange: (isOpen: boolean) => void;
}) {
  const { t } = useTranslation();
  const { scheme: current } = useSelector(selectPrefs);
  const dispatch = useAppDispatch();
  const leave = useSignOut();
  const { target, isReady } = useLateOpening<HTMLButtonElement>();
  const [isCreating, setIsCreating] = useState(false);
  return (
    <>
      <Menu
        position="right-end"
        width={220}
        withInitialFocusPlaceholder={false}
        opened={props.isOpen && isReady}
        onChange={props.onChange}
      >
        <Menu.Target>
          <AccountButton ref={target} />
        </Menu.Target>
        <Menu.Dropdown>
          <WorkspaceChoices onCreate={() => setIsCreating(true)} />
          <Menu.Divider />
          <Menu.Label>{t("shell.theme")}</Menu.Label>
          {SCHEMES.map(({ scheme, icon: Icon }) => (
            <Menu.Item
              key={scheme}
              leftSection={<Icon size={16} />}
              aria-current={scheme === current}
              data-current={scheme === current || undefined}
              className={styles.choice}
              onClick={() => dispatch(prefsChanged({ scheme }))}
            >
              {t(`themes.${scheme}`)}
            </Menu.Item>
          ))}
          <Menu.Divider />
          <Menu.Item leftSection={<IconLogout size={16} />} onClick={leave}>
            {t("shell.sign_out")}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {isCreating && (
        <Suspense>
          <NewWorkspace onClose={() => setIsCreating(false)} />
        </Suspense>
      )}
    </>
  );
}

function useSignOut(): () => Promise<void> {
  const dispatch = useAppDispatch();
  const navigate = useNavigate();
  const [logOut] = useLogOutMutation();
  return async () => {
    await logOut();
    dispatch(leftByChoice());
    forgetToken();
    dispatch(api.util.resetApiState());
    await navigate("/sign-in");
  };
}
