/** Parts of pages that are fetched when they are wanted: without a network they wait, and the page around them stays. */
import { type ComponentType, type LazyExoticComponent, lazy } from "react";
import { aMomentOrOnline, isReachable } from "./reachable";

// biome-ignore lint/suspicious/noExplicitAny: as `lazy` itself takes any component
export function late<Part extends ComponentType<any>>(
  load: () => Promise<{ default: Part }>,
): LazyExoticComponent<Part> {
  return lazy(() => arriving(load));
}

/** Load, again and again while nobody answers; a file that a server does not have is missing at once. */
export async function arriving<Module>(load: () => Promise<Module>): Promise<Module> {
  for (;;) {
    try {
      return await load();
    } catch (error) {
      if (await isReachable()) throw error;
      await aMomentOrOnline();
      fetchLostStyles();
    }
  }
}

/** The loader asks for each sheet once only. */
function fetchLostStyles(): void {
  for (const link of document.querySelectorAll<HTMLLinkElement>("link[rel=stylesheet]"))
    if (!link.sheet) link.replaceWith(link.cloneNode());
}
