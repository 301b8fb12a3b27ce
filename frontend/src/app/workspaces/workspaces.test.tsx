// @vitest-environment jsdom
/** Going over to another workspace: nothing of the one before is left, in this tab or in another. */
import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type Ending, forgetToken, keepToken, onSessionEnd, renewToken } from "@/api/access-token";
import { followSession } from "@/app/listeners";
import { FakeGateway, ME, problem } from "@/testing/fake-gateway";
import { renderAt } from "@/testing/render";
import { PATIENT } from "@/testing/settings";

const HARBOUR = { id: "0190-harbour", name: "Harbour office" };
let gateway: FakeGateway;
let server: ReturnType<FakeGateway["listen"]>;
let endings: Ending[];
let undo: (() => void)[];
beforeEach(() => {
  gateway = new FakeGateway();
  gateway.door.workspaces = [HARBOUR];
  gateway.addWorkflow("", { title: "Secret of the workshop" });
  server = gateway.listen();
  server.use(
    http.get("*/v1/workflows", () =>
      gateway.me.workspace.id === HARBOUR.id
        ? HttpResponse.json({ items: [], next_cursor: null })
        : undefined,
    ),
  );
  endings = [];
  undo = [onSessionEnd((ending) => endings.push(ending))];
});
afterEach(() => {
  for (const one of undo) one();
  forgetToken();
  server.close();
});

async function opened() {
  const drawn = await renderAt("/workflows");
  undo.push(followSession(drawn.store));
  expect(await screen.findByText("Secret of the workshop", {}, PATIENT)).toBeVisible();
  // Tests before this one have left another workspace behind.
  endings.length = 0;
  return drawn;
}

it("forgets everything of the workspace before", async () => {
  const { store, router } = await opened();
  await userEvent.click(screen.getByRole("button", { name: /account$/ }));
  const [current, other] = [ME.workspace.name, HARBOUR.name];
  const item = await screen.findByRole("menuitem", { name: other }, PATIENT);
  expect(screen.getByRole("menuitem", { name: current })).toHaveAttribute("aria-current", "true");
  await userEvent.click(item);
  expect(
    await screen.findByRole("button", { name: /Harbour office.*account/ }, PATIENT),
  ).toBeVisible();
  expect(router.state.location.pathname).toBe("/");
  expect(endings).toEqual(["other"]);
  expect(JSON.stringify(store.getState())).not.toContain("Secret of the workshop");
}, 40_000);

it("follows when another tab has gone over: the next renewal tells", async () => {
  const { store } = await opened();
  gateway.me = { ...ME, workspace: HARBOUR };
  expect(await renewToken()).toBe("renewed");
  await waitFor(
    () => expect(store.getState().session.me?.workspace.name).toBe(HARBOUR.name),
    PATIENT,
  );
  expect(JSON.stringify(store.getState())).not.toContain("Secret of the workshop");
}, 40_000);

it("stays where it is when the other workspace does not let in", async () => {
  const { store } = await opened();
  server.use(http.post("*/v1/workspaces/:id/switch", () => problem(404, "Workspace not found")));
  await userEvent.click(screen.getByRole("button", { name: /account$/ }));
  await userEvent.click(await screen.findByRole("menuitem", { name: HARBOUR.name }, PATIENT));
  await waitFor(() => expect(screen.queryByRole("menu")).toBeNull(), PATIENT);
  expect(store.getState().session.me?.workspace).toEqual(ME.workspace);
  expect(endings).toEqual([]);
}, 40_000);

it("tells the same workspace of a token by its claim, not by the token", () => {
  keepToken(gateway.door.session());
  endings.length = 0;
  keepToken({
    ...gateway.door.session(),
    access_token: "e30.eyJ3cyI6IjAxOTAtd29ya3NwYWNlIn0.again",
  });
  expect(endings).toEqual([]);
  gateway.me = { ...ME, workspace: HARBOUR };
  keepToken(gateway.door.session());
  expect(endings).toEqual(["other"]);
});
