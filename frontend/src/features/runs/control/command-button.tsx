import { Button, type ButtonProps } from "@mantine/core";
import type { ReactNode } from "react";

interface Props extends ButtonProps {
  /** Why it cannot be used; whoever reaches it reads that. */
  why?: string | undefined;
  onClick: () => void;
  children: ReactNode;
}

/** A button that everybody sees, and that says why when it is not for now or not for them. */
export function CommandButton({ why, onClick, ...props }: Props) {
  if (why === undefined) return <Button {...props} onClick={onClick} />;
  return <Button {...props} aria-disabled data-disabled data-hint={why} />;
}
