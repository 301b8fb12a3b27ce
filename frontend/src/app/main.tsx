/** Starts the application. */
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import "@/shared/ui/styles.css";
import { startLanguages } from "./i18n";
import { followPrefs, followSession } from "./listeners";
import { pageNonce } from "./page-nonce";
import { Providers } from "./providers";
import { makeStore } from "./store";

// Under this name libraries that put styles into the page look for its nonce.
Object.assign(globalThis, { __webpack_nonce__: pageNonce() });
const store = makeStore();
followSession(store);
await Promise.all([startLanguages(), followPrefs(store).catch(() => undefined)]);
const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <Providers store={store} />
    </StrictMode>,
  );
}
