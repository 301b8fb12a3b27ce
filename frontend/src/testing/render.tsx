import { MantineProvider } from "@mantine/core";
import { render } from "@testing-library/react";
import type { ReactNode } from "react";
import { Provider } from "react-redux";
import { createMemoryRouter } from "react-router";
import { RouterProvider } from "react-router/dom";
import { startLanguages } from "@/app/i18n";
import { routes } from "@/app/router";
import { makeStore } from "@/app/store";
import { theme } from "@/shared/ui/theme/theme";

/** Draw the application at an address, with the real store and router. */
export async function renderAt(path: string) {
  await startLanguages();
  const store = makeStore();
  const router = createMemoryRouter(routes, { initialEntries: [path] });
  const drawn = render(
    <Provider store={store}>
      <MantineProvider theme={theme} env="test">
        <RouterProvider router={router} />
      </MantineProvider>
    </Provider>,
  );
  return { ...drawn, store, router };
}

/** Draw a part of a page with the real store, without a router. */
export async function renderPart(part: ReactNode) {
  await startLanguages();
  const store = makeStore();
  const inside = (inner: ReactNode) => (
    <Provider store={store}>
      <MantineProvider theme={theme} env="test">
        {inner}
      </MantineProvider>
    </Provider>
  );
  const drawn = render(inside(part));
  return { ...drawn, store, again: (other: ReactNode) => drawn.rerender(inside(other)) };
}
