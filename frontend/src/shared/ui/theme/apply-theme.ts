/** Puts a theme's colours on the document: every part of the page follows at once, nothing is mounted again. */
import { type ThemeName, TOKENS } from "./tokens";

export type Scheme = "system" | "light" | "dark";
export type Contrast = "system" | "normal" | "more";

export const DARK = "(prefers-color-scheme: dark)";
export const MORE_CONTRAST = "(prefers-contrast: more)";
export const LESS_MOTION = "(prefers-reduced-motion: reduce)";

/** Return the theme that a person's wishes and their system's come to. */
export function themeFor(scheme: Scheme, contrast: Contrast): ThemeName {
  const isDark = scheme === "dark" || (scheme === "system" && matches(DARK));
  const isMore = contrast === "more" || (contrast === "system" && matches(MORE_CONTRAST));
  return `${isDark ? "dark" : "light"}${isMore ? "-contrast" : ""}`;
}

/** Whether things may move; everything that moves asks the document for it. */
export function motionFor(wish: "system" | "full" | "reduced"): "full" | "reduced" {
  if (wish !== "system") return wish;
  return matches(LESS_MOTION) ? "reduced" : "full";
}

export function applyTheme(name: ThemeName): void {
  const root = document.documentElement;
  for (const [token, value] of Object.entries(TOKENS[name]))
    root.style.setProperty(`--${token}`, value);
  root.dataset.theme = name;
  root.style.colorScheme = name.startsWith("dark") ? "dark" : "light";
}

function matches(query: string): boolean {
  return typeof matchMedia === "function" && matchMedia(query).matches;
}
