import { Button, Select, TextInput } from "@mantine/core";
import { IconSearch, IconX } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useListCollectionsQuery } from "@/api/generated";
import styles from "./memory.module.css";
import { useMemoryFilter } from "./use-memory-filter";

/** By meaning, by collection, by agent; what a link has narrowed it to can be taken off. */
export function MemoryFilters() {
  const { t } = useTranslation("memory");
  const { filter, change } = useMemoryFilter();
  const { data: collections } = useListCollectionsQuery();
  const [query, setQuery] = useState(filter.query ?? "");
  const [agent, setAgent] = useState(filter.agent ?? "");
  const ofLinks = [
    { name: "run", value: filter.runId },
    { name: "workflow", value: filter.workflowId },
  ] as const;
  return (
    <form
      className={styles.bench}
      onSubmit={(event) => {
        event.preventDefault();
        change({ query: query.trim(), agent: agent.trim() });
      }}
    >
      <TextInput
        className={styles.query ?? ""}
        aria-label={t("kept.query")}
        placeholder={t("kept.query")}
        value={query}
        onChange={(event) => setQuery(event.currentTarget.value)}
      />
      <Select
        aria-label={t("kept.collection")}
        placeholder={t("kept.every_collection")}
        clearable
        clearButtonProps={{ "aria-label": t("kept.every_collection") }}
        value={filter.collection}
        onChange={(collection) => change({ collection })}
        data={(collections?.items ?? []).map(({ name }) => name)}
      />
      <TextInput
        aria-label={t("kept.agent")}
        placeholder={t("kept.agent")}
        value={agent}
        onChange={(event) => setAgent(event.currentTarget.value)}
      />
      <Button type="submit" leftSection={<IconSearch size={16} />}>
        {t("ask")}
      </Button>
      {ofLinks
        .filter(({ value }) => value !== null)
        .map(({ name }) => (
          <Button
            key={name}
            variant="light"
            rightSection={<IconX size={14} />}
            onClick={() => change({ [name]: null })}
          >
            {t(`kept.only.${name}`)}
          </Button>
        ))}
    </form>
  );
}
