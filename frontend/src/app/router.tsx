/** Which page a URL shows; pages are loaded when they are opened. */
import { createBrowserRouter, type RouteObject } from "react-router";
import { LoadingPage } from "@/shared/ui/loading-page";
import { NotFound } from "./routes/not-found";
import { RouteError } from "./routes/route-error";
import { settingsPages } from "./routes/settings-pages";
import { Shell } from "./shell/shell";
import { SignedInOnly } from "./shell/signed-in-only";

/** Pages inside the shell; each module has the component as its default export. */
const pages: RouteObject[] = [
  { path: "/", lazy: () => page(import("./routes/home")) },
  { path: "/workflows", lazy: () => page(import("./routes/workflows")) },
  { path: "/workflows/:id", lazy: () => withCanvas(import("./routes/editor")) },
  { path: "/workflows/:id/sharing", lazy: () => page(import("./routes/sharing")) },
  { path: "/workflows/:id/failures", lazy: () => page(import("./routes/failures")) },
  { path: "/runs", lazy: () => page(import("./routes/runs")) },
  { path: "/runs/:id", lazy: () => withCanvas(import("./routes/run")) },
  { path: "/runs/:id/compare/:other", lazy: () => page(import("./routes/compare")) },
  { path: "/evaluations", lazy: () => page(import("./routes/evaluations")) },
  { path: "/evaluations/:id", lazy: () => page(import("./routes/evaluation")) },
  { path: "/templates", lazy: () => page(import("./routes/templates")) },
  { path: "/chat", lazy: () => page(import("./routes/chat")) },
  { path: "/chat/:id", lazy: () => page(import("./routes/chat")) },
  { path: "/memory", lazy: () => page(import("./routes/memory")) },
  { path: "/memory/kept", lazy: () => page(import("./routes/memories")) },
  { path: "/approvals", lazy: () => page(import("./routes/approvals")) },
  {
    path: "/settings",
    lazy: () => page(import("./routes/settings")),
    children: [...settingsPages, { path: "*", Component: NotFound }],
  },
  { path: "*", Component: NotFound },
];

/**
 * A page that is fetched is not drawn until it is there: what failed is told by the route around it, never by its own.
 */
function withFailure(children: RouteObject[]): RouteObject[] {
  return [{ ErrorBoundary: RouteError, children }];
}

const topLevel: RouteObject[] = withFailure([
  { path: "/sign-in", lazy: () => page(import("./routes/sign-in")) },
  { path: "/forgot-password", lazy: () => page(import("./routes/forgot-password")) },
  { path: "/reset-password", lazy: () => page(import("./routes/reset-password")) },
  { path: "/invitation", lazy: () => page(import("./routes/invitation")) },
  { path: "/welcome", lazy: () => page(import("./routes/welcome")) },
  {
    Component: SignedInOnly,
    children: [{ Component: Shell, children: withFailure(pages) }],
  },
]);

export const routes: RouteObject[] = [{ HydrateFallback: LoadingPage, children: topLevel }];

export const router = createBrowserRouter(routes);

/** A page with a canvas asks for both at once; one that is missing is told of where it is drawn. */
function withCanvas(module: Promise<{ default: React.ComponentType }>) {
  import("@/canvas/canvas-view").catch(() => undefined);
  return page(module);
}

async function page(module: Promise<{ default: React.ComponentType }>) {
  return { Component: (await module).default };
}
