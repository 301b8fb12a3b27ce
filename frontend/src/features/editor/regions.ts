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

const TRIES = 60;

/** The field with the name of the selected step; its panel may still be on its way. */
export function focusStepName(tries = TRIES): void {
  const field = document.querySelector<HTMLInputElement>("[data-step-name]");
  if (!field && tries > 0) requestAnimationFrame(() => focusStepName(tries - 1));
  field?.focus();
  field?.select();
}
