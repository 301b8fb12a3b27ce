/** What a hand does on a canvas, one step per frame, the same on the builder and on the bare page. */
import type { Page } from "@playwright/test";
import { PITCH } from "./graph";

const STEPS = 60;
const FRAME_MS = 1_000 / 60;
const SETTLE_MS = 250;

interface Point {
  x: number;
  y: number;
}

/** Where the canvas is on the screen and how it is looked at. */
export interface View extends Point {
  width: number;
  height: number;
  zoom: number;
  /** Where the first step is, from the canvas's corner. */
  origin: Point;
}

export type Gesture = "pan" | "zoom" | "drag 1" | "marquee" | "drag 50";
/** In this order: what the marquee takes is what is dragged then. */
export const GESTURES: readonly Gesture[] = ["pan", "zoom", "drag 1", "marquee", "drag 50"];

export async function viewOf(page: Page): Promise<View> {
  return await page.evaluate(() => {
    const canvas = document.querySelector(".react-flow");
    const viewport = document.querySelector<HTMLElement>(".react-flow__viewport");
    if (!canvas || !viewport) throw new Error("this page has no canvas");
    const { x, y, width, height } = canvas.getBoundingClientRect();
    const matrix = new DOMMatrix(viewport.style.transform);
    return { x, y, width, height, zoom: matrix.a, origin: { x: matrix.e, y: matrix.f } };
  });
}

/** Do a gesture; `around` is called with the part of it that is measured. */
export async function perform(
  page: Page,
  gesture: Gesture,
  around: (work: () => Promise<void>) => Promise<void>,
): Promise<void> {
  if (gesture !== "drag 50") await letGo(page);
  const hand = new Hand(page, await viewOf(page));
  const work: Record<Gesture, () => Promise<void>> = {
    pan: () => hand.drag(hand.gap(2, 5), 160, around),
    zoom: () => hand.wheel(around),
    "drag 1": () => hand.drag(hand.card(2, 4), 70, around),
    marquee: () => hand.marquee(around),
    "drag 50": () => hand.drag(hand.card(2, 4), 70, around),
  };
  await work[gesture]();
  await page.waitForTimeout(SETTLE_MS);
}

/** Choose nothing: what a chosen card opens beside the canvas takes from its width. */
async function letGo(page: Page): Promise<void> {
  const gap = new Hand(page, await viewOf(page)).gap(1, 2);
  await page.mouse.click(gap.x, gap.y);
  await page.waitForTimeout(SETTLE_MS);
}

class Hand {
  private readonly page: Page;
  private readonly view: View;

  constructor(page: Page, view: View) {
    this.page = page;
    this.view = view;
  }

  /** The middle of a card, by its column and row. */
  card(column: number, row: number): Point {
    return this.at(column * PITCH.x + 124, row * PITCH.y + 38);
  }

  /** Where four cards leave a gap that no wire runs through: below and right of a card. */
  gap(column: number, row: number): Point {
    return this.at((column + 1) * PITCH.x - 44, (row + 1) * PITCH.y - 18);
  }

  private at(x: number, y: number): Point {
    const { view } = this;
    return { x: view.x + view.origin.x + x * view.zoom, y: view.y + view.origin.y + y * view.zoom };
  }

  /** Take something and move it on a circle, back to where it was. */
  async drag(from: Point, radius: number, around: Around): Promise<void> {
    const { mouse } = this.page;
    await mouse.move(from.x, from.y);
    await mouse.down();
    // What a first movement sets going, such as the inspector of the card, is not what moving costs.
    await mouse.move(from.x + 6, from.y + 6);
    await mouse.move(from.x, from.y);
    await this.page.waitForTimeout(SETTLE_MS);
    const step = (n: number) => {
      const angle = (2 * Math.PI * n) / STEPS;
      const x = from.x + radius * (Math.cos(angle) - 1);
      return mouse.move(x, from.y + radius * Math.sin(angle));
    };
    await around(() => paced(step));
    await mouse.up();
  }

  /** Look closer and from further away. */
  async wheel(around: Around): Promise<void> {
    const { x, y, width, height } = this.view;
    await this.page.mouse.move(x + width / 2, y + height / 2);
    const step = (n: number) => {
      const isNearing = n <= STEPS / 4 || n > (STEPS * 3) / 4;
      return this.page.mouse.wheel(0, isNearing ? -25 : 25);
    };
    await around(() => paced(step));
  }

  /** Draw a box around five columns and ten rows of cards. */
  async marquee(around: Around): Promise<void> {
    const { mouse, keyboard } = this.page;
    const from = this.at(-24, -12);
    const to = this.gap(4, 9);
    await keyboard.down("Shift");
    await mouse.move(from.x, from.y);
    await mouse.down();
    const share = (n: number) => n / STEPS;
    await around(() =>
      paced((n) =>
        mouse.move(from.x + (to.x - from.x) * share(n), from.y + (to.y - from.y) * share(n)),
      ),
    );
    await mouse.up();
    await keyboard.up("Shift");
  }
}

type Around = (work: () => Promise<void>) => Promise<void>;
export const STEPS_OF_A_GESTURE = STEPS;

/** Take steps no faster than frames come; a page that is late is waited for. */
async function paced(step: (n: number) => Promise<void>): Promise<void> {
  const began = performance.now();
  for (let n = 1; n <= STEPS; n += 1) {
    await step(n);
    const ahead = began + n * FRAME_MS - performance.now();
    if (ahead > 0) await new Promise((resolve) => setTimeout(resolve, ahead));
  }
}
