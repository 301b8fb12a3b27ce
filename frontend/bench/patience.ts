/** Waits that end: a benchmark that is stuck says what it waits for. */

/** How long anything on a page may take, also on a machine that does other things. */
export const WAIT_MS = 30_000;

/** Return what was waited for; raises when it takes longer than that. */
export async function within<T>(ms: number, what: string, work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${ms / 1_000} s for ${what}`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
