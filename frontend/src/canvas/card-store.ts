/** Hands each card its own model, so that a change of one card draws one card. */
import { createContext, useContext, useSyncExternalStore } from "react";
import type { CardModel } from "./card-model";

export class CardStore {
  private models = new Map<string, CardModel>();
  private readonly listeners = new Map<string, Set<() => void>>();

  get isEmpty(): boolean {
    return this.models.size === 0;
  }

  get(path: string): CardModel | undefined {
    return this.models.get(path);
  }

  /** Take new models; cards whose model says the same keep the old one and are not told. */
  update(next: Map<string, CardModel>): void {
    const changed: string[] = [];
    for (const [path, model] of next) {
      const known = this.models.get(path);
      if (known && (known === model || saysTheSame(known, model))) next.set(path, known);
      else changed.push(path);
    }
    const gone = [...this.models.keys()].filter((path) => !next.has(path));
    this.models = next;
    for (const path of [...changed, ...gone]) {
      for (const listener of this.listeners.get(path) ?? []) listener();
    }
  }

  subscribe(path: string, listener: () => void): () => void {
    const known = this.listeners.get(path) ?? new Set();
    this.listeners.set(path, known.add(listener));
    return () => known.delete(listener);
  }
}

export function saysTheSame(one: CardModel, other: CardModel): boolean {
  const { branches, ...simple } = one;
  return (
    Object.entries(simple).every(([name, value]) => value === other[name as keyof CardModel]) &&
    (branches.length + other.branches.length === 0 ||
      JSON.stringify(branches) === JSON.stringify(other.branches))
  );
}

const StoreContext = createContext(new CardStore());
export const CardStoreProvider = StoreContext.Provider;

export function useCard(path: string): CardModel | undefined {
  const store = useContext(StoreContext);
  return useSyncExternalStore(
    (changed) => store.subscribe(path, changed),
    () => store.get(path),
  );
}
