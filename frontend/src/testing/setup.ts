import "@testing-library/jest-dom/vitest";
import { cleanup } from "@testing-library/react";
import { afterEach } from "vitest";

afterEach(() => {
  if (typeof document !== "undefined") cleanup();
});

/** What jsdom has not, and React Flow and Mantine ask for. */
if (typeof window !== "undefined") {
  window.matchMedia ??= (media) =>
    ({
      media,
      matches: false,
      addEventListener: () => undefined,
      removeEventListener: () => undefined,
    }) as never;
  class Observer {
    observe(): void {}
    unobserve(): void {}
    disconnect(): void {}
  }
  window.ResizeObserver ??= Observer as never;
  window.DOMMatrixReadOnly ??= class {
    m22 = 1;
  } as never;
  Element.prototype.scrollIntoView ??= () => undefined;
  if (!("fonts" in document))
    Object.defineProperty(document, "fonts", { value: new EventTarget() });
}
