/** How a person likes the application: kept with their account, and in the browser so that nothing flashes. */
import { createSlice, type PayloadAction } from "@reduxjs/toolkit";
import { isRecord } from "../lib/problem";

export interface Prefs {
  scheme: "system" | "light" | "dark";
  contrast: "system" | "normal" | "more";
  /** A name of `accents.ts`, or `indigo`. */
  accent: string;
  density: "cosy" | "compact";
  motion: "system" | "full" | "reduced";
  language: "system" | "en" | "de";
  /** Keys by command, only those that were changed. */
  shortcuts: Record<string, string>;
  /** Hints that are not to be shown again. */
  seen: string[];
  is_navigation_small: boolean;
  /** Widths and heights of panels in pixels, by name. */
  panels: Record<string, number>;
}

export const PREFS_KEY = "flowloom.prefs.1";

/** Return what was kept; what cannot be read is as it was in the beginning. */
export function readPrefs(): Prefs {
  let found: unknown;
  try {
    found = JSON.parse(localStorage.getItem(PREFS_KEY) ?? "{}");
  } catch {
    found = {};
  }
  const kept = isRecord(found) ? found : {};
  return {
    scheme: oneOf(kept.scheme, "system", "light", "dark"),
    contrast: oneOf(kept.contrast, "system", "normal", "more"),
    accent: typeof kept.accent === "string" ? kept.accent : "indigo",
    density: oneOf(kept.density, "cosy", "compact"),
    motion: oneOf(kept.motion, "system", "full", "reduced"),
    language: oneOf(kept.language, "system", "en", "de"),
    shortcuts: only(kept.shortcuts, "string"),
    seen: Object.values(only(kept.seen, "string")),
    is_navigation_small: kept.is_navigation_small === true,
    panels: only(kept.panels, "number"),
  };
}

/** Return the value if it is one of the choices, else the first of them. */
function oneOf<Choice extends string>(value: unknown, first: Choice, ...others: Choice[]): Choice {
  return [first, ...others].find((choice) => choice === value) ?? first;
}

function only<Type extends "string" | "number">(values: unknown, type: Type) {
  const entries = Object.entries(values ?? {}).filter(([, value]) => typeof value === type);
  return Object.fromEntries(entries) as Record<string, { string: string; number: number }[Type]>;
}

export const prefsSlice = createSlice({
  name: "prefs",
  initialState: readPrefs,
  reducers: {
    prefsChanged: (state, action: PayloadAction<Partial<Prefs>>) => ({
      ...state,
      ...action.payload,
    }),
    panelResized: (state, { payload }: PayloadAction<{ panel: string; size: number }>) => {
      state.panels[payload.panel] = payload.size;
    },
  },
  selectors: { selectPrefs: (state) => state },
});

export const { prefsChanged, panelResized } = prefsSlice.actions;
export const { selectPrefs } = prefsSlice.selectors;
