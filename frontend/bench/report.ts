/** Hands what was measured to whoever judges it: one JSON file, else the terminal. */
import { writeFileSync } from "node:fs";

export function report(measured: object): void {
  const text = JSON.stringify(measured);
  const file = process.env.FLOWLOOM_BENCH_OUT;
  if (file) writeFileSync(file, text);
  else process.stdout.write(`${text}\n`);
}

/** How often something is measured; the first time warms up and is left out by the judge. */
export const BLOCKS = Number(process.env.FLOWLOOM_BENCH_BLOCKS ?? 6);

/** Tell whoever waits how far it is. */
export function progress(text: string): void {
  process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${text}\n`);
}
