/** Starts the application. */
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import "@/shared/ui/styles.css";
import { startLanguages } from "./i18n";
import { followPrefs, followSession } from "./listeners";
import { pageNonce } from "./page-nonce";
import { Providers } from "./providers";
import type { ErrorKind } from "./reporting/describe-error";
import { makeStore } from "./store";

// Under this name libraries that put styles into the page look for its nonce.
Object.assign(globalThis, { __webpack_nonce__: pageNonce() });
const store = makeStore();
const report = (kind: ErrorKind, error: unknown) => {
  import("./reporting/report-error").then(
    (own) => own.reportError(store, kind, error),
    () => {},
  );
};
addEventListener("error", (event) => report("error", event.error));
addEventListener("unhandledrejection", (event) => report("rejection", event.reason));
followSession(store);
await Promise.all([startLanguages(), followPrefs(store).catch(() => undefined)]);
const root = document.getElementById("root");
if (root) {
  createRoot(root, {
    onCaughtError: (error) => {
      // biome-ignore lint/suspicious/noConsole: as React does it where nobody asks to be told
      console.error(error);
      report("render", error);
    },
  }).render(
    <StrictMode>
      <Providers store={store} />
    </StrictMode>,
  );
}
