/** Which model answers steps that name none. */
import type { Model } from "@/api/generated";

export function answering(models: { items: Model[] } | undefined): Model | undefined {
  return models?.items.find(({ is_default }) => is_default) ?? models?.items[0];
}
