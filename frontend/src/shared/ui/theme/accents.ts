/** Other accents than the first one: only the colours that differ, loaded by who chose them; checked for contrast by a test. */
import type { ThemeName, Tokens } from "./tokens";

type Accented = Partial<Tokens>;

export const ACCENTS: Record<string, Record<ThemeName, Accented>> = {
  blue: {
    light: {
      accent: "#025db5",
      "accent-hover": "#024f9c",
      "accent-soft": "#e2eefc",
      "accent-ink": "#024f9c",
      focus: "#025db5",
      "edge-active": "#025db5",
    },
    dark: {
      accent: "#2b87f2",
      "accent-hover": "#4d99f7",
      "accent-soft": "#122a48",
      "accent-ink": "#87bbfd",
      focus: "#60a4f9",
      "edge-active": "#60a4f9",
    },
    "light-contrast": {
      accent: "#003b78",
      "accent-hover": "#012a58",
      "accent-soft": "#e2eefc",
      "accent-ink": "#003b78",
      "edge-active": "#003b78",
    },
    "dark-contrast": {
      accent: "#87bcff",
      "accent-hover": "#aed1fe",
      "accent-soft": "#122a48",
      "accent-ink": "#aed1fe",
      "edge-active": "#aed1fe",
    },
  },
  teal: {
    light: {
      accent: "#066d69",
      "accent-hover": "#055d59",
      "accent-soft": "#dcf2f0",
      "accent-ink": "#055d59",
      focus: "#066d69",
      "edge-active": "#066d69",
    },
    dark: {
      accent: "#009d97",
      "accent-hover": "#02aea8",
      "accent-soft": "#02312e",
      "accent-ink": "#52cec7",
      focus: "#0bbab3",
      "edge-active": "#0bbab3",
    },
    "light-contrast": {
      accent: "#014744",
      "accent-hover": "#023330",
      "accent-soft": "#dcf2f0",
      "accent-ink": "#014744",
      "edge-active": "#014744",
    },
    "dark-contrast": {
      accent: "#49d0c9",
      "accent-hover": "#91dfd9",
      "accent-soft": "#02312e",
      "accent-ink": "#91dfd9",
      "edge-active": "#91dfd9",
    },
  },
  green: {
    light: {
      accent: "#037333",
      "accent-hover": "#00622a",
      "accent-soft": "#e2f1e4",
      "accent-ink": "#00622a",
      focus: "#037333",
      "edge-active": "#037333",
    },
    dark: {
      accent: "#02a44b",
      "accent-hover": "#3bb260",
      "accent-soft": "#0d3218",
      "accent-ink": "#83cc92",
      focus: "#55ba70",
      "edge-active": "#55ba70",
    },
    "light-contrast": {
      accent: "#024a1e",
      "accent-hover": "#013514",
      "accent-soft": "#e2f1e4",
      "accent-ink": "#024a1e",
      "edge-active": "#024a1e",
    },
    "dark-contrast": {
      accent: "#80cd91",
      "accent-hover": "#abddb4",
      "accent-soft": "#0d3218",
      "accent-ink": "#abddb4",
      "edge-active": "#abddb4",
    },
  },
  rose: {
    light: {
      accent: "#af0150",
      "accent-hover": "#960144",
      "accent-soft": "#fbe6ea",
      "accent-ink": "#960144",
      focus: "#af0150",
      "edge-active": "#af0150",
    },
    dark: {
      accent: "#dc4e7a",
      "accent-hover": "#e6688b",
      "accent-soft": "#421a25",
      "accent-ink": "#f49aae",
      focus: "#ea7896",
      "edge-active": "#ea7896",
    },
    "light-contrast": {
      accent: "#730032",
      "accent-hover": "#550023",
      "accent-soft": "#fbe6ea",
      "accent-ink": "#730032",
      "edge-active": "#730032",
    },
    "dark-contrast": {
      accent: "#f798ae",
      "accent-hover": "#fbbac7",
      "accent-soft": "#421a25",
      "accent-ink": "#fbbac7",
      "edge-active": "#fbbac7",
    },
  },
  amber: {
    light: {
      accent: "#8c4d03",
      "accent-hover": "#784100",
      "accent-soft": "#f8e9de",
      "accent-ink": "#784100",
      focus: "#8c4d03",
      "edge-active": "#8c4d03",
    },
    dark: {
      accent: "#c76f03",
      "accent-hover": "#dd7c01",
      "accent-soft": "#3f2002",
      "accent-ink": "#eca76d",
      focus: "#e28a36",
      "edge-active": "#e28a36",
    },
    "light-contrast": {
      accent: "#5b3001",
      "accent-hover": "#422201",
      "accent-soft": "#f8e9de",
      "accent-ink": "#5b3001",
      "edge-active": "#5b3001",
    },
    "dark-contrast": {
      accent: "#efa669",
      "accent-hover": "#f5c39b",
      "accent-soft": "#3f2002",
      "accent-ink": "#f5c39b",
      "edge-active": "#f5c39b",
    },
  },
};

/** Shades of Mantine's own that no token stands for in the first accent. */
const MANTINE: Record<string, keyof Accented> = {
  "--mantine-color-loom-light-hover": "accent-soft",
  "--mantine-color-loom-outline": "accent",
  "--mantine-color-loom-outline-hover": "accent-soft",
  "--mantine-primary-color-light-hover": "accent-soft",
};

/** Lay the accent over the colours of the theme; the first accent takes away what another one has put there. */
export function layAccent(accent: string, theme: ThemeName): void {
  const { style } = document.documentElement;
  const colours = ACCENTS[accent]?.[theme];
  for (const [token, colour] of Object.entries(colours ?? {}))
    style.setProperty(`--${token}`, colour);
  for (const [name, token] of Object.entries(MANTINE)) {
    const colour = colours?.[token];
    if (colour) style.setProperty(name, colour);
    else style.removeProperty(name);
  }
}
