/** Shows what `data-hint` of an element says while a pointer rests on it or the focus is there; Esc puts it away. */
const OPEN_MS = 350;
const GAP = 6;

/** Follow pointer and focus of the whole page; the answer ends it. */
export function followHints(layer: HTMLElement): () => void {
  const stop = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let shown: HTMLElement | undefined;
  const hide = () => {
    clearTimeout(timer);
    if (shown?.getAttribute("aria-describedby") === layer.id) {
      shown.removeAttribute("aria-describedby");
    }
    shown = undefined;
    if (layer.matches(":popover-open")) layer.hidePopover();
  };
  const show = (target: HTMLElement) => {
    if (!target.isConnected || !layer.showPopover) return;
    shown = target;
    layer.textContent = target.dataset.hint ?? "";
    if (!target.hasAttribute("aria-describedby")) target.setAttribute("aria-describedby", layer.id);
    layer.showPopover();
    place(layer, target);
  };
  const listen = <Name extends keyof DocumentEventMap>(
    name: Name,
    act: (event: DocumentEventMap[Name]) => void,
  ) => document.addEventListener(name, act, { signal: stop.signal, capture: true });
  listen("pointerover", ({ target, pointerType }) => {
    const found = hintOf(target);
    if (found === shown || (target instanceof Node && layer.contains(target))) return;
    hide();
    if (found && pointerType !== "touch") timer = setTimeout(() => show(found), OPEN_MS);
  });
  listen("focusin", ({ target }) => {
    const found = hintOf(target);
    if (found?.matches(":focus-visible")) show(found);
  });
  listen("focusout", hide);
  listen("pointerdown", hide);
  listen("scroll", hide);
  listen("keydown", ({ key }) => key === "Escape" && hide());
  return () => {
    hide();
    stop.abort();
  };
}

function hintOf(target: EventTarget | null): HTMLElement | undefined {
  const found = target instanceof Element ? target.closest<HTMLElement>("[data-hint]") : null;
  return found?.dataset.hint ? found : undefined;
}

/** Above the element where there is room, else below; beside it where it says so. */
function place(layer: HTMLElement, target: HTMLElement): void {
  const around = target.getBoundingClientRect();
  const { width, height } = layer.getBoundingClientRect();
  const isBeside = target.dataset.hintAt === "side";
  const middle = { x: around.x + (around.width - width) / 2, y: around.y - height - GAP };
  const left = isBeside ? around.right + GAP : middle.x;
  const above = middle.y < GAP ? around.bottom + GAP : middle.y;
  const top = isBeside ? around.y + (around.height - height) / 2 : above;
  layer.style.left = `${Math.max(GAP, Math.min(left, innerWidth - width - GAP))}px`;
  layer.style.top = `${Math.max(GAP, Math.min(top, innerHeight - height - GAP))}px`;
}
