import {
  IconBrain,
  IconKey,
  IconRobot,
  IconSchema,
  IconTool,
  IconUser,
  IconWorld,
} from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { TemplateNeeds } from "@/api/generated";
import styles from "./templates.module.css";

const NAMED = [
  ["secrets", IconKey],
  ["models", IconBrain],
  ["agents", IconRobot],
  ["tools", IconTool],
  ["workflows", IconSchema],
] as const;

/** What has to be there before it can run: said first, so that nobody finds out afterwards. */
export function Needs({ needs }: { needs: TemplateNeeds }) {
  const { t } = useTranslation("templates");
  const named = NAMED.filter(([kind]) => needs[kind].length > 0);
  if (named.length === 0 && !needs.people && !needs.internet)
    return <p className={styles.quiet}>{t("needs_nothing")}</p>;
  return (
    <ul className={styles.needs} aria-label={t("needs")}>
      {named.map(([kind, Icon]) => (
        <li key={kind}>
          <Icon size={14} aria-hidden /> {t(`kinds.${kind}`, { names: needs[kind].join(", ") })}
        </li>
      ))}
      {needs.people && (
        <li>
          <IconUser size={14} aria-hidden /> {t("kinds.people")}
        </li>
      )}
      {needs.internet && (
        <li>
          <IconWorld size={14} aria-hidden /> {t("kinds.internet")}
        </li>
      )}
    </ul>
  );
}
