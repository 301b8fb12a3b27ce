import { Menu } from "@mantine/core";
import { IconCopy, IconExternalLink } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { RunRecordExport } from "@/api/generated";
import { tellDone } from "@/shared/lib/tell";
import styles from "./run.module.css";

/** The trace in which a run was asked for and carried out, for whoever looks for a fault. */
export function TraceItems({ record }: { record: RunRecordExport }) {
  const { t } = useTranslation("runs");
  const { trace_id } = record.run;
  if (!trace_id) return null;
  async function copy(id: string) {
    await navigator.clipboard.writeText(id);
    await tellDone(t("trace.copied"));
  }
  return (
    <>
      <Menu.Label>
        {t("trace.title")} <code className={styles.traceId}>{trace_id}</code>
      </Menu.Label>
      <Menu.Item leftSection={<IconCopy size={16} />} onClick={() => copy(trace_id)}>
        {t("trace.copy")}
      </Menu.Item>
      {record.trace_url && (
        <Menu.Item
          component="a"
          href={record.trace_url}
          target="_blank"
          rel="noreferrer"
          leftSection={<IconExternalLink size={16} />}
        >
          {t("trace.open")}
        </Menu.Item>
      )}
    </>
  );
}
