import { Suspense, useState } from "react";
import { useFetchedAhead } from "@/shared/hooks/use-after-paint";
import { late } from "@/shared/lib/late";
import { NotificationBell } from "./notification-bell";

const load = () => import("./notification-panel");
const NotificationPanel = late(load);

/** What the person was told; the panel comes after the page has been drawn, or when it is asked for. */
export function NotificationMenu() {
  const [isOpen, setIsOpen] = useState(false);
  const [wasAsked, setWasAsked] = useState(false);
  useFetchedAhead(load);
  const ask = () => {
    setWasAsked(true);
    setIsOpen(true);
  };
  const bell = <NotificationBell onClick={ask} />;
  if (!wasAsked) return bell;
  return (
    <Suspense fallback={bell}>
      <NotificationPanel isOpen={isOpen} onChange={setIsOpen} />
    </Suspense>
  );
}
