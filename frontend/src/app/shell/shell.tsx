import { Suspense } from "react";
import { useTranslation } from "react-i18next";
import { useSelector } from "react-redux";
import { Outlet } from "react-router";
import { selectPrefs } from "@/shared/prefs/prefs-slice";
import { Announcer } from "@/shared/ui/announcer";
import { LoadingPage } from "@/shared/ui/loading-page";
import { OfflineBar } from "@/shared/ui/offline-bar";
import { CommandCentre } from "../palette/command-centre";
import { Navigation } from "./navigation";
import styles from "./shell.module.css";

/** The frame of every page: where one can go, and the page itself. */
export function Shell() {
  const { t } = useTranslation();
  const { is_navigation_small } = useSelector(selectPrefs);
  return (
    <div className={styles.shell} data-small={is_navigation_small || undefined}>
      <a className={styles.skip} href="#main">
        {t("shell.skip")}
      </a>
      <Navigation />
      <main id="main" className={styles.main} tabIndex={-1}>
        <Suspense fallback={<LoadingPage />}>
          <Outlet />
        </Suspense>
      </main>
      <Announcer />
      <OfflineBar />
      <Suspense fallback={null}>
        <CommandCentre />
      </Suspense>
    </div>
  );
}
