/** Languages: every folder `locales` is a namespace, loaded with the first page that asks for it. */
import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import { type Prefs, readPrefs } from "@/shared/prefs/prefs-slice";

type Words = Record<string, unknown>;
const files = import.meta.glob<{ default: Words }>([
  "../features/*/locales/*.json",
  "../shared/locales/*.json",
  "../canvas/locales/*.json",
]);

/** Return the language to show: the person's choice, else the browser's if we have it. */
export function languageOf(wish: Prefs["language"]): "en" | "de" {
  if (wish !== "system") return wish;
  return navigator.language.toLowerCase().startsWith("de") ? "de" : "en";
}

async function load(language: string, namespace: string): Promise<Words> {
  const folder =
    namespace === "common"
      ? "/shared/"
      : namespace === "canvas"
        ? "/canvas/"
        : `/features/${namespace}/`;
  const path = Object.keys(files).find(
    (one) => one.includes(folder) && one.endsWith(`/${language}.json`),
  );
  const file = path ? files[path] : undefined;
  return file ? (await file()).default : {};
}

export async function startLanguages(): Promise<void> {
  const language = languageOf(readPrefs().language);
  document.documentElement.lang = language;
  await i18next
    .use({
      type: "backend",
      read: (asked: string, namespace: string, done: (error: unknown, words: Words) => void) => {
        load(asked, namespace).then(
          (words) => done(null, words),
          (error) => done(error, {}),
        );
      },
    })
    .use(initReactI18next)
    .init({
      lng: language,
      fallbackLng: "en",
      ns: ["common"],
      defaultNS: "common",
      interpolation: { escapeValue: false },
      react: { useSuspense: true },
    });
}

export async function changeLanguage(wish: Prefs["language"]): Promise<void> {
  const language = languageOf(wish);
  if (!i18next.isInitialized || i18next.language === language) return;
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
}
