import { UnstyledButton } from "@mantine/core";
import { IconStar } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { Template } from "@/api/generated";
import { Needs } from "./needs";
import styles from "./templates.module.css";

export function TemplateCard({ template, onOpen }: { template: Template; onOpen: () => void }) {
  const { t } = useTranslation("templates");
  const { title, description, categories, level, needs, steps } = template;
  return (
    <li className={styles.card}>
      <UnstyledButton className={styles.open ?? ""} onClick={onOpen} aria-haspopup="dialog">
        {title}
      </UnstyledButton>
      {level === "start-here" && (
        <span className={styles.start}>
          <IconStar size={14} aria-hidden /> {t("start_here")}
        </span>
      )}
      <p className={styles.description}>{description}</p>
      <Needs needs={needs} />
      <p className={styles.facts}>
        <span>{t("steps", { count: steps })}</span>
        {categories.map((category) => (
          <span key={category} className={styles.category}>
            {category}
          </span>
        ))}
      </p>
    </li>
  );
}
