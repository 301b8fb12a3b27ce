import { useTranslation } from "react-i18next";
import type { Model } from "@/api/generated";
import { compactNumber, money } from "@/shared/lib/format";
import { LineActions } from "../parts/line-actions";
import styles from "../parts/parts.module.css";
import { TestSavedModel } from "./test-model";

interface Props {
  model: Model;
  may: boolean;
  onEdit: () => void;
  onDelete: () => void;
}

/** One model: where it is served, what it can, what it costs, and whether it answers. */
export function ModelCard({ model, may, onEdit, onDelete }: Props) {
  const { t } = useTranslation("settings");
  const { name, id } = model;
  return (
    <section className={styles.card} aria-label={name}>
      <div className={styles.cardHead}>
        <div>
          <h2 className={styles.cardTitle}>{name}</h2>
          <span className={styles.code}>
            {model.model} · {model.base_url}
          </span>
        </div>
        {id && (
          <LineActions
            may={may}
            actions={[
              { text: t("edit"), label: t("models.edit_of", { name }), onClick: onEdit },
              {
                text: t("common:actions.delete"),
                label: t("models.delete_of", { name }),
                onClick: onDelete,
              },
            ]}
          />
        )}
      </div>
      <Facts model={model} />
      {id && <TestSavedModel modelId={id} name={name} may={may} />}
    </section>
  );
}

function Facts({ model }: { model: Model }) {
  const { t } = useTranslation("settings");
  const { price } = model;
  return (
    <div>
      {model.is_default && (
        <span className={styles.tag} data-tone="good">
          {t("models.is_default")}
        </span>
      )}
      <span className={styles.tag}>{t(`models.sources.${model.source}`)}</span>
      <span className={styles.tag}>{t(model.has_key ? "models.has_key" : "models.no_key")}</span>
      <span className={styles.tag}>
        {t("models.context", {
          count: model.context_tokens,
          tokens: compactNumber(model.context_tokens),
        })}
      </span>
      <span className={styles.tag}>
        {t(model.calls_tools ? "models.tools" : "models.no_tools")}
      </span>
      <span className={styles.muted}>
        {price
          ? t("models.price", { input: money(price.input), output: money(price.output) })
          : t("models.no_price")}
      </span>
    </div>
  );
}
