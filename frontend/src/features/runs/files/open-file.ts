/** Fetches one version of a file of a run; a link alone would carry no token. */
import { currentToken } from "@/api/access-token";
import type { RunFile } from "@/api/generated";

/** Return where a file is fetched: its slashes stay, everything else is written for an address. */
export function addressOf(runId: string, file: Pick<RunFile, "path" | "version">): string {
  const path = file.path.split("/").map(encodeURIComponent).join("/");
  return `/v1/runs/${encodeURIComponent(runId)}/files/${path}?version=${file.version}`;
}

/** Return the content with the type that the list says, which the answer itself never has; nothing if refused. */
export async function fetchFile(runId: string, file: RunFile): Promise<Blob | undefined> {
  const token = await currentToken();
  const headers = token ? { authorization: `Bearer ${token}` } : undefined;
  const answer = await fetch(addressOf(runId, file), { headers, credentials: "same-origin" }).catch(
    () => undefined,
  );
  if (!answer?.ok) return undefined;
  return new Blob([await answer.arrayBuffer()], { type: file.media_type });
}
