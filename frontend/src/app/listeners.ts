/** What follows from changes of the store outside of it: the theme, what is kept, other tabs. */
import { createListenerMiddleware, isAnyOf } from "@reduxjs/toolkit";
import { onSessionEnd } from "@/api/access-token";
import { api } from "@/api/api";
import { personChanged, signedOut } from "@/api/session-events";
import { selectSession } from "@/api/session-slice";
import {
  PREFS_KEY,
  type Prefs,
  panelResized,
  prefsChanged,
  readPrefs,
  selectPrefs,
} from "@/shared/prefs/prefs-slice";
import { applyTheme, themeFor } from "@/shared/ui/theme/apply-theme";
import { changeLanguage } from "./i18n";
import type { AppStore } from "./store";

export const listener = createListenerMiddleware<{ prefs: Prefs }>();

listener.startListening({
  matcher: isAnyOf(prefsChanged, panelResized),
  effect: (action, { getState }) => {
    const prefs = selectPrefs(getState());
    localStorage.setItem(PREFS_KEY, JSON.stringify(prefs));
    if (prefsChanged.match(action)) showPrefs(prefs);
  },
});

function showPrefs(prefs: Prefs): void {
  applyTheme(themeFor(prefs.scheme, prefs.contrast));
  document.documentElement.dataset.density = prefs.density;
  void changeLanguage(prefs.language);
}

/** Follow the person's wishes, their system's, and those they state in another tab. */
export function followPrefs(store: AppStore): void {
  const show = () => showPrefs(selectPrefs(store.getState()));
  show();
  for (const query of ["(prefers-color-scheme: dark)", "(prefers-contrast: more)"]) {
    matchMedia(query).addEventListener("change", show);
  }
  addEventListener("storage", (event) => {
    if (event.key === PREFS_KEY) store.dispatch(prefsChanged(readPrefs()));
  });
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
