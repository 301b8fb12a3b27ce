import { Button, Skeleton, TextInput } from "@mantine/core";
import { IconLayoutGrid, IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { type Template, useListTemplatesQuery } from "@/api/generated";
import { EmptyState } from "@/shared/ui/empty-state";
import { ErrorState } from "@/shared/ui/error-state";
import { Page } from "@/shared/ui/page";
import { TemplateCard } from "./template-card";
import { TemplatePreview } from "./template-preview";
import styles from "./templates.module.css";

/** Workflows to start from; category and the one that is looked at stand in the URL. */
export function TemplatesPage() {
  const { t } = useTranslation("templates");
  const { data, error, isLoading, refetch } = useListTemplatesQuery();
  return (
    <Page title={t("title")} text={t("text")}>
      {isLoading && <CardSkeletons />}
      {!isLoading && !data && <ErrorState error={error} onRetry={refetch} />}
      {data?.items.length === 0 && (
        <EmptyState icon={IconLayoutGrid} title={t("empty")}>
          {t("empty_text")}
        </EmptyState>
      )}
      {data && data.items.length > 0 && <Gallery templates={data.items} />}
    </Page>
  );
}

function Gallery({ templates }: { templates: Template[] }) {
  const { t } = useTranslation("templates");
  const [address, setAddress] = useSearchParams();
  const [search, setSearch] = useState("");
  const category = address.get("category");
  const change = (name: string, value: string | null) => {
    const next = new URLSearchParams(address);
    if (value === null) next.delete(name);
    else next.set(name, value);
    setAddress(next, { replace: true });
  };
  const found = templates.filter(
    (one) => (category === null || one.categories.includes(category)) && isMatch(one, search),
  );
  return (
    <>
      <div className={styles.filters}>
        <TextInput
          className={styles.search ?? ""}
          aria-label={t("search")}
          placeholder={t("search")}
          leftSection={<IconSearch size={16} />}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
        <Categories
          templates={templates}
          category={category}
          onChoose={(next) => change("category", next)}
        />
      </div>
      {found.length === 0 ? (
        <EmptyState icon={IconSearch} title={t("nothing_found")}>
          {t("nothing_found_text")}
        </EmptyState>
      ) : (
        <ul className={styles.cards} aria-label={t("title")}>
          {found.map((template) => (
            <TemplateCard
              key={template.id}
              template={template}
              onOpen={() => change("template", template.id)}
            />
          ))}
        </ul>
      )}
      <TemplatePreview id={address.get("template")} onClose={() => change("template", null)} />
    </>
  );
}

function Categories(props: {
  templates: Template[];
  category: string | null;
  onChoose: (category: string | null) => void;
}) {
  const { t } = useTranslation("templates");
  const { templates, category, onChoose } = props;
  const known = [...new Set(templates.flatMap((one) => one.categories))].toSorted();
  return (
    <fieldset className={styles.categories} aria-label={t("categories")}>
      {[null, ...known].map((one) => (
        <Button
          key={one ?? ""}
          size="compact-sm"
          variant={one === category ? "light" : "default"}
          aria-pressed={one === category}
          onClick={() => onChoose(one)}
        >
          {one ?? t("every_category")}
        </Button>
      ))}
    </fieldset>
  );
}

function isMatch({ title, description }: Template, search: string): boolean {
  const text = `${title} ${description}`.toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

function CardSkeletons() {
  return (
    <div className={styles.cards} aria-hidden>
      {Array.from({ length: 6 }, (_, card) => card).map((card) => (
        <Skeleton key={card} height={190} radius="lg" />
      ))}
    </div>
  );
}
