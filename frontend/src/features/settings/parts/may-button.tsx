import { Button, type ButtonProps, Tooltip } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

interface Props extends ButtonProps {
  /** Whether the person's role lets them. */
  may: boolean;
  /** Why not, when it is not for their role. */
  why?: string | undefined;
  onClick: () => void;
  children: ReactNode;
  "aria-label"?: string;
}

/** A button that everybody sees; whoever may not use it can reach it and reads why. */
export function MayButton({ may, why, onClick, ...props }: Props) {
  const { t } = useTranslation("settings");
  if (may) return <Button onClick={onClick} {...props} />;
  return (
    <Tooltip label={why ?? t("forbidden")} events={{ hover: true, focus: true, touch: true }}>
      <Button
        {...props}
        data-disabled
        aria-disabled
        onClick={(event: React.MouseEvent) => event.preventDefault()}
      />
    </Tooltip>
  );
}
