// @vitest-environment jsdom
/** A workflow made from nothing without a pointer, and everything taken back again. */
import { configure, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { StepType } from "@/api/generated";
import { FakeGateway } from "@/testing/fake-gateway";
import { renderAt } from "@/testing/render";

// Pages come by parts, and the machine may be busy.
configure({ asyncUtilTimeout: 60_000 });
const EMPTY = "apiVersion: flowloom/v1\nkind: Workflow\nmetadata: {name: w}\nsteps: {}\n";
let gateway: FakeGateway;
let opened = 0;
let server: ReturnType<FakeGateway["listen"]>;

function stepType(kind: string, title: string, example: StepType["example"]): StepType {
  return {
    kind,
    title,
    example,
    description: title,
    icon: "robot",
    category: "ai",
    category_title: "AI",
    synonyms: [],
    available: true,
    json_schema: { type: "object", properties: { [kind]: { type: "string", title } } },
    ports: { inputs: [], outputs: [] },
  } as unknown as StepType;
}

beforeEach(() => {
  gateway = new FakeGateway();
  gateway.stepTypes = {
    language: "en",
    groups: [{ id: "main", title: "Main", folded: false }],
    items: [
      stepType("agent", "Agent", { agent: "research", prompt: "Find it" }),
      stepType("transform", "Transform", { transform: "${1}" }),
    ],
  };
  server = gateway.listen();
});
afterEach(() => server.close());

async function openBuilder(source = EMPTY) {
  // What the page before saved when it was left may arrive only now: it is not of this workflow.
  opened += 1;
  const { id } = gateway.addWorkflow(source, { id: `0190-opened-${opened}` });
  const drawn = await renderAt(`/workflows/${id}`);
  const canvas = await screen.findByRole("application", { name: "Workflow canvas" });
  const editor = () =>
    (
      drawn.store.getState() as unknown as {
        editor: { doc: { source: string }; selection: string[] };
      }
    ).editor;
  return {
    ...drawn,
    canvas,
    id,
    source: () => editor().doc.source,
    selection: () => editor().selection,
  };
}

it("adds, connects, renames, copies, deletes and takes back without a pointer", async () => {
  const user = userEvent.setup();
  const { canvas, source, selection } = await openBuilder();
  canvas.focus();
  await user.keyboard("n");
  await user.type(await screen.findByRole("combobox", { name: "Find a step" }), "agent{Enter}");
  await waitFor(() => expect(selection()).toEqual(["steps.research"]));
  canvas.focus();
  await user.keyboard("n");
  await user.type(await screen.findByRole("combobox", { name: "Find a step" }), "trans{Enter}");
  await waitFor(() => expect(source()).toContain("needs: [research]"));

  const name = await screen.findByRole("textbox", { name: "Name of the step" });
  canvas.focus();
  await user.keyboard("{F2}");
  await waitFor(() => expect(name).toHaveFocus());
  await user.keyboard("shape{Enter}");
  await waitFor(() => expect(selection()).toEqual(["steps.shape"]));

  canvas.focus();
  await user.keyboard("{ArrowLeft}");
  expect(selection()).toEqual(["steps.research"]);
  await user.keyboard("c");
  const dialog = await screen.findByRole("dialog", { name: "Connect research to" });
  await user.click(within(dialog).getByRole("button", { name: /Disconnect shape/ }));
  await waitFor(() => expect(source()).not.toContain("needs"));

  canvas.focus();
  await user.keyboard("{Control>}d{/Control}");
  await waitFor(() => expect(selection()).toEqual(["steps.research_2"]));
  await user.keyboard("{Delete}");
  await waitFor(() => expect(source()).not.toContain("research_2"));
  await user.keyboard("m{ArrowRight}{ArrowRight}{Enter}");

  for (let tries = 0; tries < 12; tries += 1) await user.keyboard("{Control>}z{/Control}");
  expect(source()).toBe(EMPTY);
  for (let tries = 0; tries < 12; tries += 1)
    await user.keyboard("{Control>}{Shift>}z{/Shift}{/Control}");
  expect(source()).toContain("shape:");
}, 180_000);

it("tells every key in one sheet and every command in one palette", async () => {
  const user = userEvent.setup();
  const { canvas, selection } = await openBuilder("steps:\n  plan: {agent: research, prompt: x}\n");
  canvas.focus();
  await user.keyboard("?");
  const sheet = await screen.findByRole("dialog", { name: "Keys of this page" });
  expect(within(sheet).getByText("Run this draft")).toBeInTheDocument();
  await user.keyboard("{Escape}");
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());

  await user.keyboard("{Control>}k{/Control}");
  const find = await screen.findByRole("combobox", { name: /Find a command/ });
  await user.type(find, "@plan");
  expect(await screen.findByRole("option", { name: "plan" })).toHaveAttribute(
    "aria-selected",
    "true",
  );
  await user.keyboard("{Enter}");
  await waitFor(() => expect(selection()).toEqual(["steps.plan"]));
}, 180_000);

it("copies through the clipboard as YAML, and pastes what another workflow copied", async () => {
  const { canvas, source, selection } = await openBuilder();
  canvas.focus();
  const event = new Event("paste", { bubbles: true, cancelable: true });
  const text = "steps:\n  plan: # why\n    agent: research\n    prompt: x\n";
  Object.assign(event, {
    clipboardData: { getData: (type: string) => (type === "text/plain" ? text : "") },
  });
  canvas.dispatchEvent(event);
  await waitFor(() => expect(selection()).toEqual(["steps.plan"]));
  expect(source()).toContain("agent: research");

  const held = new Map<string, string>();
  const copy = new Event("copy", { bubbles: true, cancelable: true });
  Object.assign(copy, {
    clipboardData: { setData: (type: string, data: string) => held.set(type, data) },
  });
  canvas.dispatchEvent(copy);
  expect(held.get("text/plain")).toContain("plan:");
}, 180_000);
