import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { MessageCitation } from "@/api/generated";
import styles from "./chat.module.css";

/** The passages that an answer could draw on, by the numbers it cites them with. */
export function Citations({ citations }: { citations: MessageCitation[] }) {
  const { t } = useTranslation("chat");
  if (citations.length === 0) return null;
  return (
    <details className={styles.citations}>
      <summary>{t("sources", { count: citations.length })}</summary>
      <ol>
        {citations.map(({ n, collection, text, citation }) => (
          <li key={n} value={n}>
            <Link
              to={`/memory?${new URLSearchParams({ collection, document: citation.document_id })}`}
            >
              {citation.name}
            </Link>{" "}
            {citation.page_from !== null && t("page", { page: citation.page_from })}
            <blockquote>{text}</blockquote>
          </li>
        ))}
      </ol>
    </details>
  );
}
