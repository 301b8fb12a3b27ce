import { Suspense, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { type Command, useOfferedCommands } from "@/shared/commands/command-store";
import { useCommandKeys } from "@/shared/commands/use-command-keys";
import { late } from "@/shared/lib/late";
import { PLACES } from "../shell/navigation";
import { SHELL_KEYS } from "./shell-keys";

const CommandPalette = late(() => import("./command-palette"));
const KeySheet = late(() => import("./key-sheet"));

/** Commands of every page, and the two ways to see them all. */
export function CommandCentre() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [open, setOpen] = useState<"palette" | "keys">();
  const commands = useMemo((): Command[] => {
    const go = (to: string) => () => void navigate(to);
    const group = t("commands.go");
    return [
      {
        id: "palette",
        label: t("commands.palette"),
        group: t("commands.help"),
        ...SHELL_KEYS.palette,
        run: () => setOpen("palette"),
      },
      {
        id: "keys",
        label: t("commands.keys"),
        group: t("commands.help"),
        ...SHELL_KEYS.keys,
        run: () => setOpen("keys"),
      },
      ...PLACES.map(
        ({ to, label }): Command => ({
          id: `go ${to}`,
          label: t(`places.${label}`),
          group,
          kind: "go",
          run: go(to),
        }),
      ),
    ];
  }, [navigate, t]);
  useOfferedCommands(commands);
  useCommandKeys();
  const close = () => setOpen(undefined);
  return (
    <Suspense fallback={null}>
      {open === "palette" && <CommandPalette onClose={close} />}
      {open === "keys" && <KeySheet onClose={close} />}
    </Suspense>
  );
}
