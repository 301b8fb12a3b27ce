/** Fetches what only a signed-in person may have as a file; a link alone would carry no token. */
import { currentToken } from "./access-token";

/** Return the file; undefined when it was refused or nobody answered. */
export async function fetchFile(path: string): Promise<Blob | undefined> {
  const token = await currentToken();
  const headers = token ? { authorization: `Bearer ${token}` } : undefined;
  const address = new URL(path, location.origin);
  const answer = await fetch(address, { headers, credentials: "same-origin" }).catch(
    () => undefined,
  );
  return answer?.ok ? answer.blob() : undefined;
}
