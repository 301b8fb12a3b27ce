/** What follows from changes of the store outside of it: the theme, what is kept, other tabs. */
import { createListenerMiddleware, isAnyOf } from "@reduxjs/toolkit";
import { onSessionEnd } from "@/api/access-token";
import { api } from "@/api/api";
import { personChanged, signedOut } from "@/api/session-events";
import { selectSession } from "@/api/session-slice";
import { remap } from "@/shared/commands/command-store";
import {
  PREFS_KEY,
  type Prefs,
  panelResized,
  prefsChanged,
  readPrefs,
  selectPrefs,
} from "@/shared/prefs/prefs-slice";
import {
  applyTheme,
  DARK,
  LESS_MOTION,
  MORE_CONTRAST,
  motionFor,
  themeFor,
} from "@/shared/ui/theme/apply-theme";
import { changeLanguage } from "./i18n";
import type { AppStore } from "./store";

export const listener = createListenerMiddleware<{ prefs: Prefs }>();

listener.startListening({
  matcher: isAnyOf(prefsChanged, panelResized),
  effect: (action, { getState }) => {
    const prefs = selectPrefs(getState());
    localStorage.setItem(PREFS_KEY, JSON.stringify(prefs));
    if (prefsChanged.match(action)) void showPrefs(prefs);
  },
});

let accent = "indigo";

async function showPrefs(prefs: Prefs): Promise<void> {
  const { dataset } = document.documentElement;
  const theme = themeFor(prefs.scheme, prefs.contrast);
  applyTheme(theme);
  dataset.density = prefs.density;
  dataset.motion = motionFor(prefs.motion);
  void changeLanguage(prefs.language);
  remap(prefs.shortcuts);
  if (prefs.accent === accent && accent === "indigo") return;
  accent = prefs.accent;
  (await import("@/shared/ui/theme/accents")).layAccent(accent, theme);
}

/** Follow the person's wishes, their system's, and those they state in another tab or on another machine. */
export function followPrefs(store: AppStore): Promise<void> {
  const show = () => showPrefs(selectPrefs(store.getState()));
  for (const query of [DARK, MORE_CONTRAST, LESS_MOTION]) {
    matchMedia(query).addEventListener("change", show);
  }
  addEventListener("storage", (event) => {
    if (event.key === PREFS_KEY) store.dispatch(prefsChanged(readPrefs()));
  });
  const stop = store.subscribe(() => {
    if (!selectSession(store.getState()).me) return;
    stop();
    // A page that cannot keep what is liked is still a page.
    import("./own-way/keep-preferences").then((own) => own.keepPreferences(store)).catch(() => {});
  });
  return show();
}

/** Let the page follow the session: it asks to sign in again when that has ended, and forgets who was here before. */
export function followSession(store: AppStore): () => void {
  return onSessionEnd((ending) => {
    if (ending === "other") {
      store.dispatch(personChanged());
      store.dispatch(api.util.resetApiState());
    } else if (selectSession(store.getState()).status === "signed_in") {
      store.dispatch(signedOut());
    }
  });
}
