import { ActionIcon } from "@mantine/core";
import {
  IconActivity,
  IconBooks,
  IconChartDots,
  IconChevronsLeft,
  IconHome,
  IconInbox,
  IconLayoutGrid,
  IconMessages,
  IconSchema,
  IconSettings,
} from "@tabler/icons-react";
import type { ComponentType } from "react";
import { useTranslation } from "react-i18next";
import { useSelector } from "react-redux";
import { NavLink } from "react-router";
import { useWaiting } from "@/features/approvals/use-waiting";
import { NotificationMenu } from "@/features/notifications/notification-menu";
import { useAppDispatch } from "@/shared/hooks/use-app-dispatch";
import { prefsChanged, selectPrefs } from "@/shared/prefs/prefs-slice";
import markUrl from "@/shared/ui/mark.svg";
import { AccountMenu } from "./account-menu";
import styles from "./navigation.module.css";

interface Place {
  to: string;
  label: string;
  icon: ComponentType<{ size?: number; stroke?: number }>;
  /** How many things wait there, as it is shown. */
  count?: string;
}

/** Where one can go; a feature adds its line here with its route. */
export const PLACES: Place[] = [
  { to: "/", label: "home", icon: IconHome },
  { to: "/workflows", label: "workflows", icon: IconSchema },
  { to: "/runs", label: "runs", icon: IconActivity },
  { to: "/evaluations", label: "evaluations", icon: IconChartDots },
  { to: "/approvals", label: "approvals", icon: IconInbox },
  { to: "/chat", label: "chat", icon: IconMessages },
  { to: "/memory", label: "memory", icon: IconBooks },
  { to: "/templates", label: "templates", icon: IconLayoutGrid },
];

export function Navigation() {
  const { t } = useTranslation();
  const dispatch = useAppDispatch();
  const { is_navigation_small: isSmall } = useSelector(selectPrefs);
  const waiting = useWaiting();
  const toggle = t(isSmall ? "shell.expand" : "shell.collapse");
  return (
    <nav
      className={styles.navigation}
      data-small={isSmall || undefined}
      aria-label={t("shell.navigation")}
    >
      <div className={styles.brand}>
        <img src={markUrl} alt="" width={26} height={26} />
        <span className={styles.label}>Flowloom</span>
      </div>
      <div className={styles.places}>
        {PLACES.map((place) => (
          <PlaceLink
            key={place.to}
            {...place}
            label={t(`places.${place.label}`)}
            count={place.to === "/approvals" ? waiting : ""}
          />
        ))}
      </div>
      <div className={styles.foot}>
        <NotificationMenu />
        <PlaceLink to="/settings" label={t("places.settings")} icon={IconSettings} />
        <AccountMenu />
        <ActionIcon
          className={styles.toggle}
          aria-label={toggle}
          data-hint={toggle}
          onClick={() => dispatch(prefsChanged({ is_navigation_small: !isSmall }))}
        >
          <IconChevronsLeft size={16} />
        </ActionIcon>
      </div>
    </nav>
  );
}

function PlaceLink({ to, label, icon: Icon, count = "" }: Place) {
  const { t } = useTranslation();
  const name = count ? t("shell.waiting", { label, count }) : label;
  return (
    <NavLink to={to} end={to === "/"} className={styles.place} title={name} aria-label={name}>
      <Icon size={19} stroke={1.7} />
      <span className={styles.label}>{label}</span>{" "}
      {count && <span className={styles.count}>{count}</span>}
    </NavLink>
  );
}
