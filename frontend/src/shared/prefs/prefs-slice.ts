/** How a person likes the application: kept in the browser, the same in all its tabs. */
import { createSlice, type PayloadAction } from "@reduxjs/toolkit";
import { isRecord } from "../lib/problem";

export interface Prefs {
  scheme: "system" | "light" | "dark";
  contrast: "system" | "normal" | "more";
  density: "cosy" | "compact";
  language: "system" | "en" | "de";
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
    density: oneOf(kept.density, "cosy", "compact"),
    language: oneOf(kept.language, "system", "en", "de"),
    is_navigation_small: kept.is_navigation_small === true,
    panels: isRecord(kept.panels) ? sizesOf(kept.panels) : {},
  };
}

/** Return the value if it is one of the choices, else the first of them. */
function oneOf<Choice extends string>(value: unknown, first: Choice, ...others: Choice[]): Choice {
  return [first, ...others].find((choice) => choice === value) ?? first;
}

function sizesOf(panels: Record<string, unknown>): Record<string, number> {
  const sizes: Record<string, number> = {};
  for (const [name, size] of Object.entries(panels)) {
    if (typeof size === "number") sizes[name] = size;
  }
  return sizes;
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
