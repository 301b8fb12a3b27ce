/** A run on its canvas and four answers of conversations beside it: the application's own parts on one page. */
import { MantineProvider } from "@mantine/core";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Provider } from "react-redux";
import { createMemoryRouter } from "react-router";
import { RouterProvider } from "react-router/dom";
import "@/shared/ui/styles.css";
import { startLanguages } from "@/app/i18n";
import { followPrefs } from "@/app/listeners";
import { pageNonce } from "@/app/page-nonce";
import { SignedInOnly } from "@/app/shell/signed-in-only";
import { makeStore } from "@/app/store";
import LiveAnswer from "@/features/chat/live-answer";
import { RunPage } from "@/features/runs/run-page";
import { cssVariables, theme } from "@/shared/ui/theme/theme";
import { ANSWERS, RUN } from "../../streams";
import styles from "./streams.module.css";

const nothing = () => undefined;

function RunAndAnswers() {
  return (
    <div className={styles.page}>
      <main className={styles.run}>
        <RunPage />
      </main>
      <div className={styles.answers}>
        {ANSWERS.map((id) => (
          <section key={id} className={styles.answer} data-answer={id}>
            <LiveAnswer runId={id} onEnded={nothing} />
          </section>
        ))}
      </div>
    </div>
  );
}

const router = createMemoryRouter(
  [{ Component: SignedInOnly, children: [{ path: "/runs/:id", Component: RunAndAnswers }] }],
  { initialEntries: [`/runs/${RUN}`] },
);

Object.assign(globalThis, { __webpack_nonce__: pageNonce() });
const store = makeStore();
followPrefs(store);
await startLanguages();
const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <Provider store={store}>
        <MantineProvider
          theme={theme}
          cssVariablesResolver={cssVariables}
          getStyleNonce={pageNonce}
        >
          <RouterProvider router={router} />
        </MantineProvider>
      </Provider>
    </StrictMode>,
  );
}
