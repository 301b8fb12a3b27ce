/** Counts what an evaluation costs and stops it at the limits. */
import { ExpressionError } from "./errors";
import { MAX_CONTEXT, MAX_LIST_ITEMS, MAX_STEPS, MAX_TEXT } from "./limits";

export class Meter {
  private left = MAX_STEPS;
  private characters = 0;

  /** Count work; throws ExpressionError when there is too much of it. */
  spend(steps: number): void {
    this.left -= steps;
    if (this.left < 0) {
      throw new ExpressionError(`The expression needs more than ${MAX_STEPS} steps.`);
    }
  }

  /** Count a text that is worked on or made: `steps`, and one more for every `perStep` of its characters. */
  text(length: number, { perStep = 1_000, steps = 1 } = {}): void {
    if (length > MAX_TEXT) {
      throw new ExpressionError(`A text of ${length} characters is longer than ${MAX_TEXT}.`);
    }
    this.read(length);
    this.spend(steps + Math.floor(length / perStep));
  }

  /** Count characters that are worked on. */
  read(length: number): void {
    this.characters += length;
    if (this.characters > MAX_CONTEXT) {
      throw new ExpressionError(`The expression works on more than ${MAX_CONTEXT} characters.`);
    }
  }

  /** Count the items of a list or map that is worked on or made, `perStep` of them at once. */
  items(count: number, perStep = 1): void {
    if (count > MAX_LIST_ITEMS) {
      throw new ExpressionError(`A list of ${count} items is longer than ${MAX_LIST_ITEMS}.`);
    }
    this.spend(1 + Math.floor(count / perStep));
  }
}
