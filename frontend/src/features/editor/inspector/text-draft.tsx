import type { ReactNode } from "react";
import { useDraft } from "./use-draft";

type Draft = ReturnType<typeof useDraft>;

/** Lends a field the text that is being typed. */
export function TextDraft(props: {
  value: string;
  commit: (text: string) => void;
  children: (draft: Draft) => ReactNode;
}) {
  return props.children(useDraft(props.value, props.commit));
}
