/** Puts a theme's colours on the document: every part of the page follows at once, nothing is mounted again. */
import { type ThemeName, TOKENS } from "./tokens";

export type Scheme = "system" | "light" | "dark";
export type Contrast = "system" | "normal" | "more";

/** Return the theme that a person's wishes and their system's come to. */
export function themeFor(scheme: Scheme, contrast: Contrast): ThemeName {
  const isDark =
    scheme === "dark" || (scheme === "system" && matches("(prefers-color-scheme: dark)"));
  const isMore =
    contrast === "more" || (contrast === "system" && matches("(prefers-contrast: more)"));
  return `${isDark ? "dark" : "light"}${isMore ? "-contrast" : ""}`;
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
