/** What a card is called for those who cannot see it: everything that its drawing says. */
import type { Workflow } from "@/domain/document/workflow";
import type { CardModel } from "./card-model";
import { saysTheSame } from "./card-store";

/** Words of the page's language. */
export type Say = (key: string, words: Record<string, unknown>) => string;

/** Gives cards their names; a card that says what it said before is the same object, its words are not put together again. */
export class NamedCards {
  private workflow: Workflow | undefined;
  private say: Say | undefined;
  private known = new Map<string, { plain: CardModel; card: CardModel }>();

  /** Return models with names such as "Summarise, Agent, step 4 of 9, 1 problem, connects to Send". */
  of(plain: ReadonlyMap<string, CardModel>, workflow: Workflow, say: Say): Map<string, CardModel> {
    if (workflow !== this.workflow || say !== this.say) this.known = new Map();
    [this.workflow, this.say] = [workflow, say];
    const before = this.known;
    const after = Map.groupBy(workflow.edges, (edge) => edge.source);
    this.known = new Map(
      [...plain.values()].map((model, position) => {
        const known = before.get(model.path);
        if (known && saysTheSame(known.plain, model)) return [model.path, known];
        const targets = (after.get(model.path) ?? [])
          .map((edge) => workflow.byPath.get(edge.target)?.id)
          .join(", ");
        const name = nameOf(model, { position, count: workflow.steps.length, targets }, say);
        return [model.path, { plain: model, card: { ...model, name } }];
      }),
    );
    return new Map([...this.known].map(([path, { card }]) => [path, card]));
  }
}

interface Around {
  position: number;
  count: number;
  targets: string;
}

function nameOf(card: CardModel, { position, count, targets }: Around, t: Say): string {
  const parts = [
    t("card", { title: card.title, kind: card.kindTitle, position: position + 1, count }),
    card.state ? t(`common:status.${card.state.status}`, {}) : "",
    card.errors + card.warnings > 0 ? t("problems", { count: card.errors + card.warnings }) : "",
    card.isOff ? t("off", {}) : "",
    card.isPinned ? t("pinned", {}) : "",
    targets ? t("card_connects", { targets }) : "",
  ];
  return parts.filter(Boolean).join(", ");
}
