/** Where the focus can go in the builder; regions are found by the names that they have for people too. */
const REGION = "[data-region]";

/** Go to the next region that is shown, from the one that has the focus. */
export function focusRegion(by: 1 | -1): void {
  const regions = [...document.querySelectorAll<HTMLElement>(REGION)].filter(
    (region) => region.checkVisibility?.() ?? true,
  );
  const now = regions.findIndex((region) => region.contains(document.activeElement));
  const next = regions[(now + by + regions.length) % regions.length];
  if (next) focusIn(next);
}

function focusIn(region: HTMLElement): void {
  const first = region.querySelector<HTMLElement>(
    '[role="application"], [role="treegrid"] [tabindex="0"], input, textarea, button, [tabindex="0"]',
  );
  (first ?? region).focus();
}

export function focusCanvas(): void {
  document.querySelector<HTMLElement>('[data-region="canvas"] [role="application"]')?.focus();
}

/** What had the focus is gone a moment later: then the canvas has it, and keys go on from there. */
export function keepFocus(): void {
  setTimeout(() => {
    if (document.activeElement === document.body) focusCanvas();
  }, 60);
}

const TRIES = 60;

/** The field with the name of the selected step; its panel may still be on its way. */
export function focusStepName(): void {
  focusSoon("[data-step-name]");
}

/** The tab of the inspector that is shown. */
export const TAB = '[data-region="inspector"] [role="tab"][aria-selected="true"]';

export function focusSoon(place: string, tries = TRIES): void {
  const found = document.querySelector<HTMLElement>(place);
  if (!found && tries > 0) requestAnimationFrame(() => focusSoon(place, tries - 1));
  found?.focus();
  if (found instanceof HTMLInputElement) found.select();
}

/** Let the canvas do what it does when keys, such as `Shift+N`, are pressed on it. */
export function pressOnCanvas(keys: string): void {
  const parts = keys.split("+");
  const key = parts.at(-1) ?? "";
  const isHeld = (name: string) => parts.slice(0, -1).includes(name);
  focusCanvas();
  document.activeElement?.dispatchEvent(
    new KeyboardEvent("keydown", {
      key: key.length === 1 ? key.toLowerCase() : key,
      ctrlKey: isHeld("Mod"),
      shiftKey: isHeld("Shift"),
      altKey: isHeld("Alt"),
      bubbles: true,
      cancelable: true,
    }),
  );
}
