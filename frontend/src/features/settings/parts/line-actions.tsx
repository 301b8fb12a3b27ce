import { MayButton } from "./may-button";
import styles from "./parts.module.css";

export interface LineAction {
  text: string;
  /** With the name of what it is done to, for who hears the button alone. */
  label: string;
  onClick: () => void;
  isBusy?: boolean;
  /** Why it cannot be done now, whoever asks. */
  why?: string | undefined;
}

/** What can be done with one line or card. */
export function LineActions({ may, actions }: { may: boolean; actions: LineAction[] }) {
  return (
    <div className={styles.actions}>
      {actions.map(({ text, label, onClick, isBusy = false, why }) => (
        <MayButton
          key={text}
          may={may && why === undefined}
          why={why}
          variant="default"
          size="xs"
          loading={isBusy}
          aria-label={label}
          onClick={onClick}
        >
          {text}
        </MayButton>
      ))}
    </div>
  );
}
