/** The store: small slices from the start, those of features when their pages are opened. */
import { combineSlices, configureStore, type Slice } from "@reduxjs/toolkit";
import { api } from "@/api/api";
import { sessionSlice } from "@/api/session-slice";
import { prefsSlice } from "@/shared/prefs/prefs-slice";
import { listener } from "./listeners";

export const rootReducer = combineSlices(api, sessionSlice, prefsSlice).withLazyLoadedSlices();

let store: ReturnType<typeof configured> | undefined;

/** Add the slice of a feature whose page was opened; its state is there when the page is drawn. */
export function addSlice<State>(slice: Slice<State>): void {
  rootReducer.inject(slice as Parameters<typeof rootReducer.inject>[0]);
  store?.dispatch({ type: "app/sliceAdded" });
}

export function makeStore() {
  store = configured();
  return store;
}

function configured() {
  return configureStore({
    reducer: rootReducer,
    middleware: (defaults) =>
      // Documents and answers are large; the checks would walk through them after every action.
      defaults({ immutableCheck: false, serializableCheck: false })
        .prepend(listener.middleware)
        .concat(api.middleware),
  });
}
export type AppStore = ReturnType<typeof makeStore>;
export type RootState = ReturnType<AppStore["getState"]>;
