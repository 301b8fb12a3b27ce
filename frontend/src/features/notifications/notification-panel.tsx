import { Popover } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { Suspense } from "react";
import { useTranslation } from "react-i18next";
import { useLateOpening } from "@/shared/hooks/use-late-opening";
import { late } from "@/shared/lib/late";
import { LoadingPage } from "@/shared/ui/loading-page";
import { NotificationBell } from "./notification-bell";
import styles from "./notifications.module.css";

const NotificationList = late(() => import("./notification-list"));
const PHONE = "(max-width: 639px)";

/** The bell, and the list that it opens. */
export default function NotificationPanel(props: {
  isOpen: boolean;
  onChange: (isOpen: boolean) => void;
}) {
  const { isOpen, onChange } = props;
  const { t } = useTranslation();
  const { target, isReady } = useLateOpening<HTMLButtonElement>();
  // The navigation is at the foot of a phone: beside the bell there is no room.
  const isPhone = useMediaQuery(PHONE);
  return (
    <Popover
      opened={isOpen && isReady}
      onChange={onChange}
      position={isPhone ? "top" : "right-end"}
      width="min(380px, calc(100vw - 24px))"
      shadow="md"
      trapFocus
      returnFocus
      withinPortal
    >
      <Popover.Target>
        <NotificationBell ref={target} onClick={() => onChange(!isOpen)} />
      </Popover.Target>
      <Popover.Dropdown className={styles.panel ?? ""} aria-label={t("shell.notifications")}>
        <Suspense fallback={<LoadingPage />}>
          <NotificationList onLeave={() => onChange(false)} />
        </Suspense>
      </Popover.Dropdown>
    </Popover>
  );
}
