// @vitest-environment jsdom
/** Labels of buttons that are only a picture: after a moment, by keyboard at once, and gone with Esc. */
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { followHints } from "./hints";

let layer: HTMLElement;
let stop: () => void;
let isOpen = false;
beforeEach(() => {
  vi.useFakeTimers();
  document.body.innerHTML = '<button data-hint="Tidy up">T</button><div id="hint"></div>';
  layer = document.querySelector("#hint") as HTMLElement;
  // jsdom has no top layer.
  layer.showPopover = () => {
    isOpen = true;
  };
  layer.hidePopover = () => {
    isOpen = false;
  };
  const matches = layer.matches.bind(layer);
  layer.matches = ((selector: string) =>
    selector === ":popover-open" ? isOpen : matches(selector)) as typeof layer.matches;
  stop = followHints(layer);
});
afterEach(() => {
  stop();
  vi.useRealTimers();
});

function over(target: Element, pointerType = "mouse"): void {
  const event = new Event("pointerover", { bubbles: true });
  target.dispatchEvent(Object.assign(event, { pointerType }));
}

it("says what an element is for after a moment, and stops when it is left", () => {
  const button = document.querySelector("button") as HTMLElement;
  over(button);
  expect(isOpen).toBe(false);
  vi.advanceTimersByTime(400);
  expect([isOpen, layer.textContent]).toEqual([true, "Tidy up"]);
  expect(button.getAttribute("aria-describedby")).toBe("hint");
  over(layer);
  expect(isOpen).toBe(true);
  over(document.body);
  expect([isOpen, button.hasAttribute("aria-describedby")]).toEqual([false, false]);
});

it("goes away with Esc, and does not come under a finger", () => {
  const button = document.querySelector("button") as HTMLElement;
  over(button, "touch");
  vi.advanceTimersByTime(400);
  expect(isOpen).toBe(false);
  over(button);
  vi.advanceTimersByTime(400);
  document.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape" }));
  expect(isOpen).toBe(false);
});
