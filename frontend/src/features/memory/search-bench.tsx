import { Button, SegmentedControl, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { type PassageHit, type SearchBody, useSearchMemoryMutation } from "@/api/generated";
import { EmptyState } from "@/shared/ui/empty-state";
import { ErrorState } from "@/shared/ui/error-state";
import styles from "./memory.module.css";

type Mode = NonNullable<SearchBody["mode"]>;
const MODES: Mode[] = ["hybrid", "vector", "text"];

/** Asks a collection as agents do, and shows what each passage owes its place to. */
export function SearchBench({ collection }: { collection: string }) {
  const { t } = useTranslation("memory");
  const [query, setQuery] = useState("");
  const [mode, setMode] = useState<Mode>("hybrid");
  const [search, { data, error, isLoading }] = useSearchMemoryMutation();
  const ask = () => void search({ searchBody: { query, mode, collections: [collection] } });
  return (
    <>
      <form
        className={styles.bench}
        onSubmit={(event) => {
          event.preventDefault();
          ask();
        }}
      >
        <TextInput
          className={styles.query ?? ""}
          aria-label={t("query")}
          placeholder={t("query_hint")}
          value={query}
          onChange={(event) => setQuery(event.currentTarget.value)}
        />
        <SegmentedControl
          aria-label={t("mode")}
          value={mode}
          onChange={(next) => setMode(MODES.find((one) => one === next) ?? "hybrid")}
          data={MODES.map((value) => ({ value, label: t(`modes.${value}`) }))}
        />
        <Button
          type="submit"
          disabled={query.trim() === ""}
          loading={isLoading}
          leftSection={<IconSearch size={16} />}
        >
          {t("ask")}
        </Button>
      </form>
      {error && <ErrorState error={error} onRetry={ask} />}
      {data?.items.length === 0 && (
        <EmptyState icon={IconSearch} title={t("nothing_found")}>
          {t("nothing_found_text")}
        </EmptyState>
      )}
      {data && data.items.length > 0 && (
        <ol className={styles.hits} aria-label={t("hits")}>
          {data.items.map((hit) => (
            <Hit key={`${hit.citation.document_id} ${hit.citation.start}`} hit={hit} />
          ))}
        </ol>
      )}
    </>
  );
}

function Hit({ hit }: { hit: PassageHit }) {
  const { t } = useTranslation("memory");
  const { citation, collection, similarity, vector_rank: byMeaning, text_rank: byWords } = hit;
  const to = `?${new URLSearchParams({ collection, view: "search", document: citation.document_id })}`;
  return (
    <li className={styles.hit}>
      <p className={styles.facts}>
        <Link to={{ search: to }}>{citation.name}</Link>
        {citation.headings.length > 0 && <span>{citation.headings.join(" › ")}</span>}
        {citation.page_from !== null && <span>{t("page", { page: citation.page_from })}</span>}
        <span>{t("span", { start: citation.start, end: citation.end })}</span>
      </p>
      <p className={styles.passage}>{hit.text}</p>
      <p className={styles.facts}>
        <span>{t("score", { score: hit.score.toFixed(3) })}</span>
        {similarity !== null && (
          <span>{t("similarity", { similarity: similarity.toFixed(2) })}</span>
        )}
        {byMeaning !== null && <span>{t("by_meaning", { rank: byMeaning })}</span>}
        {byWords !== null && <span>{t("by_words", { rank: byWords })}</span>}
      </p>
    </li>
  );
}
