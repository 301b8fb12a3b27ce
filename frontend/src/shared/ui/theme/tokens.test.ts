/** Every pair of colours that is used together can be told apart, in every theme (WCAG 2.2). */
import { describe, expect, it } from "vitest";
import { ACCENTS } from "./accents";
import { GRAPHIC_PAIRS, TEXT_PAIRS, THEMES, TOKENS, type TokenName, type Tokens } from "./tokens";

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].toSorted((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

const LOOKS = THEMES.flatMap((theme) => [
  { look: theme as string, tokens: TOKENS[theme] },
  ...Object.entries(ACCENTS).map(([accent, colours]) => ({
    look: `${theme} in ${accent}`,
    tokens: { ...TOKENS[theme], ...colours[theme] },
  })),
]);

function tooFaint(tokens: Tokens, pairs: readonly [TokenName, TokenName][], least: number) {
  return pairs
    .map(([front, back]) => ({ front, back, ratio: contrast(tokens[front], tokens[back]) }))
    .filter(({ ratio }) => ratio < least)
    .map(({ front, back, ratio }) => `${front} on ${back}: ${ratio.toFixed(2)}`);
}

describe.each(LOOKS)("$look", ({ tokens }) => {
  it("has texts that can be read", () => expect(tooFaint(tokens, TEXT_PAIRS, 4.5)).toEqual([]));
  it("has shapes that can be seen", () => expect(tooFaint(tokens, GRAPHIC_PAIRS, 3)).toEqual([]));
});
