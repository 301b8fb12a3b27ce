/** What versions of a workflow are called. */
import { useTranslation } from "react-i18next";
import type { Evaluation } from "@/api/generated";

export function useVersionName({ version, against }: Pick<Evaluation, "version" | "against">) {
  const { t } = useTranslation("evaluations");
  const nameOf = (one: Evaluation["version"]) =>
    one === "draft" ? t("draft") : t("version", { version: one });
  const now = nameOf(version);
  const before = against === null ? "" : nameOf(against);
  return { now, before, versions: before ? t("against", { now, before }) : now };
}
