/** Where a new card covers no other one. */
import type { Placed } from "./arrange";
import type { Point } from "./layout";
import { CARD, GRID } from "./sizes";

const ROOM = 16;

/** Return the place itself, or the next one below it that is free; `beside` are the cards of the same block. */
export function freePlace(at: Point, beside: readonly Placed[]): Point {
  let place = at;
  // Each card can be in the way once: what is below it stays below it.
  for (const other of beside.toSorted((one, next) => one.y - next.y)) {
    if (covers(place, other))
      place = { x: place.x, y: Math.ceil((other.y + other.height + ROOM) / GRID) * GRID };
  }
  return place;
}

function covers(place: Point, other: Placed): boolean {
  return (
    place.x < other.x + other.width + ROOM &&
    other.x < place.x + CARD.width + ROOM &&
    place.y < other.y + other.height + ROOM &&
    other.y < place.y + CARD.height + ROOM
  );
}
