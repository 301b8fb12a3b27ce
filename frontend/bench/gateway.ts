/** The fake gateway with a workflow of so many steps, and with the built page or one of `pages/`. */
import { fileURLToPath } from "node:url";
import { E2eGateway } from "../e2e/gateway/gateway";
import { layoutOf, sourceOf } from "./graph";

export type BenchPage = "bare" | "streams";

export function builtPage(page: BenchPage): string {
  return fileURLToPath(new URL(`../.vite_cache/bench/${page}/`, import.meta.url));
}

/** A gateway whose builder opens a grid of steps; `path` leads to it. */
export async function gatewayWith(count: number): Promise<{ gateway: E2eGateway; path: string }> {
  const gateway = await new E2eGateway().start();
  const name = `bench-${count}`;
  const { id } = gateway.addWorkflow(sourceOf(count), {
    name,
    title: name,
    layout: layoutOf(count),
  });
  return { gateway, path: `/workflows/${id}` };
}
