/** Counts which cards React draws again: from its own tree, so that the built page is counted as it is. */
import type { Page } from "@playwright/test";

/** The nodes that were drawn in each commit that drew any: React Flow's wrapper of a node, and what is inside it. */
export interface Drawn {
  wrappers: string[];
  cards: string[];
}

declare global {
  interface Window {
    drawn: Drawn[];
    isCounting: boolean;
  }
}

export async function addRenderCounter(page: Page): Promise<void> {
  await page.addInitScript(() => {
    interface Fiber {
      tag: number;
      flags: number;
      child: Fiber | null;
      sibling: Fiber | null;
      alternate: Fiber | null;
      memoizedProps: Record<string, unknown> | null;
    }
    const PERFORMED_WORK = 1;
    window.drawn = [];
    window.isCounting = false;
    const note = ({ flags, memoizedProps: props }: Fiber, into: Drawn) => {
      if ((flags & PERFORMED_WORK) === 0 || typeof props?.id !== "string") return;
      // The names of a built page say nothing; what is handed on does.
      if ("resizeObserver" in props && "nodeTypes" in props) into.wrappers.push(props.id);
      else if ("positionAbsoluteX" in props) into.cards.push(props.id);
    };
    // Below a part whose child is the old one nothing was drawn.
    const walk = (fiber: Fiber, into: Drawn) => {
      if (fiber.alternate && fiber.child === fiber.alternate.child) return;
      for (let child = fiber.child; child; child = child.sibling) {
        note(child, into);
        walk(child, into);
      }
    };
    Object.assign(window, {
      __REACT_DEVTOOLS_GLOBAL_HOOK__: {
        renderers: new Map(),
        supportsFiber: true,
        isDisabled: false,
        inject: () => 1,
        checkDCE: () => undefined,
        onScheduleFiberRoot: () => undefined,
        onCommitFiberUnmount: () => undefined,
        onPostCommitFiberRoot: () => undefined,
        onCommitFiberRoot: (_renderer: number, root: { current: Fiber }) => {
          if (!window.isCounting) return;
          const found: Drawn = { wrappers: [], cards: [] };
          walk(root.current, found);
          if (found.wrappers.length + found.cards.length > 0) window.drawn.push(found);
        },
      },
    });
  });
}

/** Return what was drawn while something was done. */
export async function drawnDuring(page: Page, work: () => Promise<void>): Promise<Drawn[]> {
  await page.evaluate(() => {
    window.drawn = [];
    window.isCounting = true;
  });
  await work();
  return await page.evaluate(() => {
    window.isCounting = false;
    return window.drawn;
  });
}
