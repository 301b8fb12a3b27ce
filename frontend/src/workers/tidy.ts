/** Asks ELK in a worker of its own for places; ends it when that takes too long or is no longer wanted. */
import ELK, { type ElkNode } from "elkjs/lib/elk-api";
import ElkWorker from "elkjs/lib/elk-worker.min.js?worker";

const MOST_MS = 5_000;

/** Return the graph with places; throws when it was aborted or took longer than five seconds. */
export async function tidy(graph: ElkNode, signal?: AbortSignal): Promise<ElkNode> {
  const elk = new ELK({ workerFactory: () => new ElkWorker() });
  const limit = AbortSignal.timeout(MOST_MS);
  const ended = AbortSignal.any(signal ? [limit, signal] : [limit]);
  try {
    return await Promise.race([
      elk.layout(graph),
      new Promise<never>((_, reject) => {
        ended.addEventListener("abort", () => reject(ended.reason));
      }),
    ]);
  } finally {
    elk.terminateWorker();
  }
}
