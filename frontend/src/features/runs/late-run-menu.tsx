import { ActionIcon } from "@mantine/core";
import { IconDots } from "@tabler/icons-react";
import { type ComponentProps, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { useFetchedAhead } from "@/shared/hooks/use-after-paint";
import { late } from "@/shared/lib/late";

const load = () => import("./run-menu");
const RunMenu = late(load);

/** The menu of a run; what is in it comes after the page has been drawn, or when it is asked for. */
export function LateRunMenu(props: ComponentProps<typeof RunMenu>) {
  const { t } = useTranslation();
  const [isAsked, setIsAsked] = useState(false);
  useFetchedAhead(load);
  const button = (
    <ActionIcon
      size="lg"
      variant="default"
      aria-label={t("actions.more")}
      aria-haspopup="menu"
      onClick={() => setIsAsked(true)}
    >
      <IconDots size={18} />
    </ActionIcon>
  );
  if (!isAsked) return button;
  return (
    <Suspense fallback={button}>
      <RunMenu {...props} />
    </Suspense>
  );
}
