import { ActionIcon, Button, Modal, Skeleton, Tooltip } from "@mantine/core";
import { IconCopy, IconPlus } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { type TemplateDocument, useGetTemplateQuery } from "@/api/generated";
import { useMay } from "@/api/use-may";
import { ErrorState } from "@/shared/ui/error-state";
import { Needs } from "./needs";
import styles from "./templates.module.css";
import { useTemplate } from "./use-template";

/** A template before it is used: what it needs, and its text to read. */
export function TemplatePreview({ id, onClose }: { id: string | null; onClose: () => void }) {
  const { t } = useTranslation("templates");
  const { currentData, error, refetch } = useGetTemplateQuery(
    { templateId: id ?? "" },
    { skip: id === null },
  );
  return (
    <Modal
      opened={id !== null}
      onClose={onClose}
      size="xl"
      title={currentData?.title ?? t("preview")}
      closeButtonProps={{ "aria-label": t("common:actions.close") }}
    >
      {currentData && <Preview template={currentData} />}
      {!currentData && error && <ErrorState error={error} onRetry={refetch} />}
      {!currentData && !error && <Skeleton height={320} />}
    </Modal>
  );
}

function Preview({ template }: { template: TemplateDocument }) {
  const { t } = useTranslation("templates");
  const { description, needs, source } = template;
  return (
    <div className={styles.preview}>
      <p className={styles.description}>{description}</p>
      <Needs needs={needs} />
      <UseButton template={template} />
      <section className={styles.source} aria-label={t("source")}>
        <header>
          <h3>{t("source")}</h3>
          <Tooltip label={t("copy")}>
            <ActionIcon
              aria-label={t("copy")}
              onClick={() => void navigator.clipboard.writeText(source)}
            >
              <IconCopy size={15} />
            </ActionIcon>
          </Tooltip>
        </header>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be scrolled by keyboard too */}
        <pre tabIndex={0}>{source}</pre>
      </section>
    </div>
  );
}

function UseButton({ template }: { template: TemplateDocument }) {
  const { t } = useTranslation("templates");
  const may = useMay("workflows:write");
  const { use, isMaking } = useTemplate();
  return (
    <div className={styles.use}>
      <Button
        leftSection={<IconPlus size={16} />}
        disabled={!may}
        loading={isMaking}
        onClick={() => use(template)}
      >
        {t("use")}
      </Button>
      {!may && <p className={styles.quiet}>{t("may_not")}</p>}
    </div>
  );
}
