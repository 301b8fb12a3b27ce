/** How long a movement takes that scripts make: none where things are to stand still. */
export function paced(ms: number): number {
  return document.documentElement.dataset.motion === "reduced" ? 0 : ms;
}
