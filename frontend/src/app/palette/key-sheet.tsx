import { useTranslation } from "react-i18next";
import { useCommands } from "@/shared/commands/command-store";
import { Dialog } from "@/shared/ui/dialog";
import { Keys } from "@/shared/ui/keys";
import styles from "./key-sheet.module.css";

/** Every key of the page that is open, from the same list that obeys them. */
export default function KeySheet({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const commands = useCommands().filter((one) => one.keys);
  const groups = [...Map.groupBy(commands, (one) => one.group)];
  return (
    <Dialog opened onClose={onClose} title={t("commands.keys")} size="lg">
      <div className={styles.groups}>
        {groups.map(([title, list]) => (
          <section key={title} aria-label={title}>
            <h3 className={styles.title}>{title}</h3>
            <dl className={styles.keys}>
              {list.map(({ id, label, keys = "" }) => (
                <div key={id}>
                  <dt>{label}</dt>
                  <dd>
                    <Keys keys={keys} />
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
