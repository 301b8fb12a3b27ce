// @vitest-environment jsdom
/** Rules: edited together, with the server's problems at the fields they are about. */
import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Rule } from "@/api/generated";
import { FakeGateway, problem } from "@/testing/fake-gateway";
import { renderAt } from "@/testing/render";
import { PATIENT, permit } from "@/testing/settings";

const NO_MAIL: Rule = {
  name: "No mail",
  when: 'tool == "mail"',
  effect: "deny",
  enabled: true,
  limit: null,
  message: null,
  to: [],
};
const CHEAP: Rule = { ...NO_MAIL, name: "Cheap", when: "true", effect: "limit", limit: { usd: 5 } };
let rules: Rule[];
let match: string | null;
let server: ReturnType<FakeGateway["listen"]>;
const ruleSet = () => ({ items: rules, etag: '"4"', updated_at: null });
beforeEach(() => {
  rules = [NO_MAIL, CHEAP];
  match = null;
  server = new FakeGateway().listen();
  permit(server, "rules:read", "rules:manage");
  server.use(
    http.get("*/v1/rules", () => HttpResponse.json(ruleSet())),
    http.put("*/v1/rules", async ({ request }) => {
      match = request.headers.get("if-match");
      rules = ((await request.json()) as { items: Rule[] }).items;
      return HttpResponse.json(ruleSet());
    }),
  );
});
afterEach(() => server.close());

async function card(name: string) {
  return within(await screen.findByRole("region", { name }, PATIENT));
}

it("changes, moves and removes rules, and saves all of them together", async () => {
  await renderAt("/settings/rules");
  const cheap = await card("Cheap");
  expect(cheap.getByRole("textbox", { name: "US$" })).toHaveValue("5");
  await userEvent.click(cheap.getByRole("button", { name: "Move Cheap up" }));
  await userEvent.click(
    within(screen.getByRole("region", { name: "No mail" })).getByRole("switch"),
  );
  expect(rules[0]?.name).toBe("No mail");
  await userEvent.click(screen.getByRole("button", { name: "Save rules" }));
  await expect
    .poll(() => rules.map(({ name, enabled }) => [name, enabled]))
    .toEqual([
      ["Cheap", true],
      ["No mail", false],
    ]);
  expect(match).toBe('"4"');
  await userEvent.click(screen.getByRole("button", { name: "Remove Cheap" }));
  expect(screen.queryByRole("region", { name: "Cheap" })).toBeNull();
}, 20_000);

it("says what rules are for when there is none, and adds the first", async () => {
  rules = [];
  await renderAt("/settings/rules");
  expect(await screen.findByRole("heading", { name: "No rule yet" }, PATIENT)).toBeVisible();
  await userEvent.click(screen.getByRole("button", { name: "Add rule" }));
  const made = await card("Rule 1");
  await userEvent.type(made.getByRole("textbox", { name: /When/ }), "cost.usd > 5");
  await userEvent.type(made.getByRole("textbox", { name: /Name/ }), "Dear");
  await userEvent.click(screen.getByRole("button", { name: "Save rules" }));
  await expect.poll(() => rules).toMatchObject([{ name: "Dear", when: "cost.usd > 5" }]);
}, 20_000);

it("shows a problem at the field that it is about", async () => {
  const message = "There is no `csot`; did you mean `cost`?";
  server.use(
    http.put("*/v1/rules", () =>
      HttpResponse.json(
        {
          type: "/problems/invalid-request",
          title: "Some rules cannot be judged",
          status: 422,
          detail: "",
          errors: [{ path: "items.1.when", code: "expression", message }],
        },
        { status: 422, headers: { "content-type": "application/problem+json" } },
      ),
    ),
  );
  await renderAt("/settings/rules");
  const when = (await card("Cheap")).getByRole("textbox", { name: /When/ });
  await userEvent.type(when, "!");
  await userEvent.click(screen.getByRole("button", { name: "Save rules" }));
  expect(await (await card("Cheap")).findByText(message)).toBeVisible();
  expect(when).toBeInvalid();
  expect((await card("No mail")).queryByText(message)).toBeNull();
}, 20_000);

it("shows a failure with its number", async () => {
  server.use(http.get("*/v1/rules", () => problem(500, "Something broke")));
  await renderAt("/settings/rules");
  expect(await screen.findByText("Request trace-1", {}, PATIENT)).toBeVisible();
}, 20_000);

it("lets a viewer look, and nothing else", async () => {
  permit(server, "rules:read");
  await renderAt("/settings/rules");
  const rule = await card("No mail");
  expect(rule.getByRole("textbox", { name: /When/ })).toBeDisabled();
  expect(screen.queryByRole("button", { name: "Save rules" })).toBeNull();
  expect(screen.getByRole("button", { name: "Add rule" })).toHaveAttribute("aria-disabled", "true");
}, 20_000);

it("keeps rules that were typed when somebody else saved others, and saves both", async () => {
  let etag = '"4"';
  server.use(
    http.get("*/v1/rules", () => HttpResponse.json({ ...ruleSet(), etag })),
    http.put("*/v1/rules", async ({ request }) => {
      if (request.headers.get("if-match") !== etag) return problem(412, "Changed meanwhile");
      rules = ((await request.json()) as { items: Rule[] }).items;
      return HttpResponse.json({ ...ruleSet(), etag });
    }),
  );
  await renderAt("/settings/rules");
  await card("Cheap");
  await userEvent.click(within(await regionOf("No mail")).getByRole("switch"));
  rules = [NO_MAIL, { ...CHEAP, limit: { usd: 9 } }, { ...NO_MAIL, name: "No fax" }];
  etag = '"5"';
  await userEvent.click(screen.getByRole("button", { name: "Save rules" }));
  const notice = await screen.findByRole("alert", {}, PATIENT);
  expect(notice).toHaveTextContent("No fax Now:");
  expect(within(await regionOf("No mail")).getByRole("switch")).not.toBeChecked();
  await userEvent.click(screen.getByRole("button", { name: "Keep mine" }));
  await userEvent.click(screen.getByRole("button", { name: "Save rules" }));
  await expect
    .poll(() => rules.map(({ name, enabled, limit }) => [name, enabled, limit?.usd]), PATIENT)
    .toEqual([
      ["No mail", false, undefined],
      ["Cheap", true, 9],
      ["No fax", true, undefined],
    ]);
}, 40_000);

async function regionOf(name: string): Promise<HTMLElement> {
  return screen.findByRole("region", { name }, PATIENT);
}
