/** The models of all cards, handed to each card by a store. */
import { useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Workflow } from "@/domain/document/workflow";
import type { JsonObject } from "@/domain/expressions/values";
import type { Layout } from "@/domain/layout/layout";
import type { CanvasMode } from "./canvas-events";
import { cardModels, type Overlay } from "./card-model";
import { NamedCards, type Say } from "./card-name";
import { CardStore } from "./card-store";

interface Given extends Overlay {
  workflow: Workflow;
  layout: Layout;
  mode: CanvasMode;
}

/** A run shows what ran: what is pinned now says nothing about it. */
const NO_PINS: JsonObject = {};

export function useCards({ workflow, layout, mode, looks, problems, states }: Given) {
  const [store] = useState(() => new CardStore());
  const [names] = useState(() => new NamedCards());
  const { t } = useTranslation("canvas");
  const pins = mode === "edit" ? layout.pins : NO_PINS;
  const cards = useMemo(
    () => names.of(cardModels(workflow, { looks, problems, states }, pins), workflow, t as Say),
    [names, workflow, looks, problems, states, pins, t],
  );
  // The first picture needs them at once; later ones are told after they were drawn.
  if (store.isEmpty) store.update(new Map(cards));
  useEffect(() => store.update(new Map(cards)), [store, cards]);
  return { store, cards };
}
