/** How far one may go with a shared workflow, from the least to the most. */
import { useTranslation } from "react-i18next";
import type { Share } from "@/api/generated";

const REACHES: readonly Share["reach"][] = ["view", "run", "edit"];

export function useReaches() {
  const { t } = useTranslation("sharing");
  const options = REACHES.map((value) => ({ value, label: t(`reaches.${value}`) }));
  const asReach = (value: string | null): Share["reach"] =>
    REACHES.find((one) => one === value) ?? "view";
  return { options, asReach };
}
