import { Select, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { STATUSES } from "./run-filters";
import { type QueryFault, withStatus } from "./run-query";
import styles from "./runs.module.css";
import type { useRunQuery } from "./use-run-query";
import { ViewsMenu } from "./views-menu";

/** What the list is filtered by, in words; the state can be chosen, and lines can be kept. */
export function QueryLine({ line, filters, faults, setLine }: ReturnType<typeof useRunQuery>) {
  const { t } = useTranslation("runs");
  const only = filters.statuses.length === 1 ? (filters.statuses[0] ?? null) : null;
  return (
    <div className={styles.filters}>
      <LineField key={line} line={line} faults={faults} onChange={setLine} />
      <Select
        className={styles.filter ?? ""}
        aria-label={t("filter")}
        placeholder={t("every_status")}
        clearable
        value={only}
        onChange={(next) => setLine(withStatus(line, next))}
        data={STATUSES.map((value) => ({ value, label: t(`common:status.${value}`) }))}
      />
      <ViewsMenu line={line} onChoose={setLine} />
    </div>
  );
}

interface LineFieldProps {
  line: string;
  faults: QueryFault[];
  onChange: (line: string) => void;
}

function LineField({ line, faults, onChange }: LineFieldProps) {
  const { t } = useTranslation("runs");
  const [text, setText] = useState(line);
  const wrong = faults.map(({ kind, word }) => t(`query.faults.${kind}`, { word })).join(" ");
  return (
    <form
      role="search"
      className={styles.line}
      onSubmit={(event) => {
        event.preventDefault();
        onChange(text);
      }}
    >
      <TextInput
        aria-label={t("query.label")}
        description={t("query.help")}
        placeholder={t("query.example")}
        inputWrapperOrder={["input", "error", "description"]}
        leftSection={<IconSearch size={16} />}
        spellCheck={false}
        autoCapitalize="off"
        error={wrong || undefined}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onBlur={() => text.trim() !== line && onChange(text)}
        onKeyDown={(event) => event.key === "Escape" && setText(line)}
      />
    </form>
  );
}
