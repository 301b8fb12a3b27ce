/** What of a person's wishes goes with their account, and how the gateway writes it. */
import type { Preferences, SavePreferences } from "@/api/generated";
import type { Prefs } from "@/shared/prefs/prefs-slice";

/** Sizes of panels belong to a screen and stay there. */
const KEPT = [
  "scheme",
  "contrast",
  "accent",
  "density",
  "motion",
  "language",
  "shortcuts",
  "seen",
] as const;
export type Wish = (typeof KEPT)[number];
export type Wishes = Pick<Prefs, Wish>;

export function isWish(name: unknown): name is Wish {
  return KEPT.some((wish) => wish === name);
}

/** Return what is wished otherwise than before. */
export function changedWishes(old: Wishes, now: Wishes): Wish[] {
  return KEPT.filter((name) => JSON.stringify(old[name]) !== JSON.stringify(now[name]));
}

export function fromGateway(kept: Preferences): Wishes {
  const language = kept.language.slice(0, 2);
  return {
    scheme: kept.theme,
    contrast: kept.contrast,
    accent: kept.accent,
    density: kept.density === "compact" ? "compact" : "cosy",
    motion: kept.motion,
    language: language === "de" || language === "en" ? language : "system",
    shortcuts: kept.shortcuts,
    seen: kept.seen,
  };
}

/** Return only what is named: the rest stays as it is. */
export function toGateway(wishes: Wishes, names: readonly Wish[]): SavePreferences {
  const all: Record<Wish, SavePreferences> = {
    scheme: { theme: wishes.scheme },
    contrast: { contrast: wishes.contrast },
    accent: { accent: wishes.accent },
    density: { density: wishes.density === "compact" ? "compact" : "comfortable" },
    motion: { motion: wishes.motion },
    language: { language: wishes.language === "system" ? "" : wishes.language },
    shortcuts: { shortcuts: wishes.shortcuts },
    seen: { seen: wishes.seen },
  };
  return Object.assign({}, ...names.map((name) => all[name])) as SavePreferences;
}
