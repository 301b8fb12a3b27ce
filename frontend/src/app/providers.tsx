import { MantineProvider } from "@mantine/core";
import { Suspense, useSyncExternalStore } from "react";
import { Provider } from "react-redux";
import { RouterProvider } from "react-router/dom";
import { useAfterPaint } from "@/shared/hooks/use-after-paint";
import { late } from "@/shared/lib/late";
import { HintLayer } from "@/shared/ui/hint";
import { cssVariables, theme } from "@/shared/ui/theme/theme";
import { pageNonce } from "./page-nonce";
import { router } from "./router";
import type { AppStore } from "./store";

const Toasts = late(() => import("./toasts"));

function useScheme(): "light" | "dark" {
  return useSyncExternalStore(
    (changed) => {
      const observer = new MutationObserver(changed);
      observer.observe(document.documentElement, { attributeFilter: ["data-theme"] });
      return () => observer.disconnect();
    },
    () => (document.documentElement.dataset.theme?.startsWith("dark") ? "dark" : "light"),
  );
}

/** Everything that all pages stand on. */
export function Providers({ store }: { store: AppStore }) {
  const scheme = useScheme();
  const isLate = useAfterPaint();
  return (
    <Provider store={store}>
      <MantineProvider
        theme={theme}
        cssVariablesResolver={cssVariables}
        forceColorScheme={scheme}
        getStyleNonce={pageNonce}
      >
        <RouterProvider router={router} />
        <HintLayer />
        {isLate && (
          <Suspense>
            <Toasts />
          </Suspense>
        )}
      </MantineProvider>
    </Provider>
  );
}
