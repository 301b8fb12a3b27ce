import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Outcome } from "../parts/dialog-form";
import { OnceDialog } from "../parts/once-dialog";
import type { Access, AccessWish, AccessWords } from "./access";
import { NewAccessForm } from "./new-access-form";
import { RotationForm } from "./rotation-form";

interface Once {
  words: AccessWords;
  /** What was made, drawn to be copied the only time. */
  made: ((onDone: () => void) => ReactNode) | undefined;
  /** Forget it. */
  reset: () => void;
  onClose: () => void;
}

/** Makes what a program gets in with, then shows its secret the only time. */
export function NewAccessDialog(
  props: Once & { isOpen: boolean; onCreate: (wish: AccessWish) => Outcome },
) {
  const { t } = useTranslation("settings");
  const { words, made } = props;
  const close = closing(props);
  return (
    <OnceDialog
      isOpen={props.isOpen}
      onClose={close}
      title={t(made ? `${words}.made` : `${words}.new`)}
      made={made?.(close)}
    >
      <NewAccessForm words={words} onSubmit={props.onCreate} onClose={close} />
    </OnceDialog>
  );
}

/** Replaces a secret, shown the only time; the one before it works as long as is chosen here. */
export function RotateAccessDialog<T extends Access>(
  props: Once & { asked: T | undefined; onRotate: (id: string, grace_hours: number) => Outcome },
) {
  const { t } = useTranslation("settings");
  const { words, made, asked } = props;
  const close = closing(props);
  return (
    <OnceDialog
      isOpen={asked !== undefined}
      onClose={close}
      title={made ? t(`${words}.rotated`) : t("access.rotate_title", { name: asked?.name })}
      made={made?.(close)}
    >
      <RotationForm
        label={t(`${words}.grace`)}
        onSubmit={(grace_hours) => props.onRotate(asked?.id ?? "", grace_hours)}
        onClose={close}
      />
    </OnceDialog>
  );
}

function closing({ reset, onClose }: Once): () => void {
  return () => {
    reset();
    onClose();
  };
}
