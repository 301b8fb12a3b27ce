/** RE2 patterns on the browser's own engine: what RE2 has not is refused, what it spells differently translated. */
export class PatternError extends Error {
  override name = "PatternError";
}

const known = new Map<string, RegExp>();
const REFUSED: [RegExp, string][] = [
  [/(?<!\\)(?:\\\\)*\\[1-9]/, "it refers back to a group"],
  [/(?<!\\)(?:\\\\)*\(\?(?:=|!|<=|<!)/, "it looks ahead or behind"],
];

/** Return the compiled pattern; throws PatternError. */
export function compilePattern(pattern: string): RegExp {
  const found = known.get(pattern);
  if (found) return found;
  for (const [refused, reason] of REFUSED) {
    if (refused.test(pattern))
      throw new PatternError(`'${pattern.slice(0, 100)}' is not an RE2 pattern: ${reason}.`);
  }
  const compiled = compile(pattern);
  if (known.size > 64) known.clear();
  known.set(pattern, compiled);
  return compiled;
}

function compile(pattern: string): RegExp {
  const inline = /^\(\?([ims]+)\)/.exec(pattern);
  const flags = `u${inline?.[1] ?? ""}`;
  const body = pattern
    .slice(inline?.[0].length ?? 0)
    .replaceAll("(?P<", "(?<")
    .replaceAll("\\A", "^")
    .replaceAll("\\z", "$")
    .replace(/\\([pP])([A-Z])(?!\w*})/g, "\\$1{$2}");
  try {
    return new RegExp(body, flags);
  } catch {
    try {
      // Identity escapes such as `\-` are RE2 but not strict ECMAScript.
      return new RegExp(body, flags.replace("u", ""));
    } catch (error) {
      const reason = error instanceof Error ? error.message : "unknown";
      throw new PatternError(`'${pattern.slice(0, 100)}' is not an RE2 pattern: ${reason}.`);
    }
  }
}
