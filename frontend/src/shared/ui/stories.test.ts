// @vitest-environment jsdom
/** Every component of our library can be looked at alone: it has stories, and each of them draws something accessible. */
import { MantineProvider } from "@mantine/core";
import { render } from "@testing-library/react";
import axe from "axe-core";
import { type ComponentType, createElement } from "react";
import { MemoryRouter } from "react-router";
import { beforeAll, describe, expect, it } from "vitest";
import { startLanguages } from "@/app/i18n";
import { LOOKS } from "./status-badge";
import { theme } from "./theme/theme";

/** What only a browser can judge: colours, and landmarks of whole pages. */
const OFF = ["color-contrast", "region", "page-has-heading-one", "landmark-one-main"];

/** Rooms of components that know no page, the cards of the canvas, and the parts of the editor that stand alone. */
const files = import.meta.glob([
  "./*.tsx",
  "../../features/settings/parts/*.tsx",
  "../../canvas/{*-card,card-state}.tsx",
  "../../features/editor/{problems-panel,inspector/form-field,inspector/tool-card}.tsx",
  "../../features/editor/{palette/palette-item,save/save-status,save/conflict-choice}.tsx",
]);
const components = Object.keys(files)
  .map((file) => file.replace(/^.*\//, ""))
  .filter((file) => !/\.(?:stories|test)\.tsx$/.test(file) && file !== "one-card.tsx")
  .map((file) => file.replace(/\.tsx$/, ""));
const written = import.meta.glob<Record<string, unknown>>(
  [
    "./*.stories.tsx",
    "../../features/settings/parts/*.stories.tsx",
    "../../canvas/*.stories.tsx",
    "../../features/editor/**/*.stories.tsx",
  ],
  { eager: true },
);
const stories = Object.entries(written).flatMap(([file, found]) =>
  Object.entries(found)
    .filter((entry): entry is [string, ComponentType] => typeof entry[1] === "function")
    .map(([name, Story]) => ({ file: file.replace(/^.*\//, ""), name, Story })),
);

describe("the workshop", () => {
  beforeAll(() => startLanguages());

  it.each(components)("has stories of %s", (component) => {
    const own = stories.filter(({ file }) => file === `${component}.stories.tsx`);
    expect(own.length).toBeGreaterThan(0);
  });

  it("has the four states of a page and of what is loaded", () => {
    for (const file of ["page.stories.tsx", "loaded.stories.tsx"]) {
      const names = stories.filter((story) => story.file === file).map(({ name }) => name);
      expect(names).toEqual(expect.arrayContaining(["Loading", "Empty", "Failed", "Full"]));
    }
  });

  it("has a card in every state of a run", () => {
    const names = stories
      .filter(({ file }) => file === "step-card.stories.tsx")
      .map(({ name }) => name);
    const states = Object.keys(LOOKS).filter((state) => !["paused", "cancelling"].includes(state));
    expect(names.map((name) => name.toLowerCase())).toEqual(expect.arrayContaining(states));
  });

  it.each(stories)("draws $file $name", async ({ Story }) => {
    const inside = createElement(MemoryRouter, null, createElement(Story));
    const { baseElement } = render(createElement(MantineProvider, { theme, env: "test" }, inside));
    const rules = Object.fromEntries(OFF.map((rule) => [rule, { enabled: false }]));
    const { violations } = await axe.run(baseElement, { rules });
    expect(violations.map(({ id, nodes }) => `${id} ${nodes[0]?.html}`)).toEqual([]);
  });
});
