/** Fetches what only a signed-in person may have as a file; a link alone would carry no token. */
import { currentToken } from "./access-token";
import { newTrace, placeIn } from "./trace";

/** Return the file; undefined when it was refused or nobody answered. */
export async function fetchFile(path: string): Promise<Blob | undefined> {
  const headers = await signed();
  const address = new URL(path, location.origin);
  const answer = await fetch(address, { headers, credentials: "same-origin" }).catch(
    () => undefined,
  );
  return answer?.ok ? answer.blob() : undefined;
}

interface FetchedPage {
  text: string;
  /** Of the next page; undefined on the last. */
  cursor: string | undefined;
}

/** Return a page of a list in another form than JSON; where it goes on stands in the header `Link`. */
export async function fetchPage(path: string, accept: string): Promise<FetchedPage | undefined> {
  const headers = { accept, ...(await signed()) };
  const address = new URL(path, location.origin);
  const answer = await fetch(address, { headers, credentials: "same-origin" }).catch(
    () => undefined,
  );
  if (!answer?.ok) return undefined;
  const next = /<\?cursor=([^>]*)>;\s*rel="next"/.exec(answer.headers.get("link") ?? "")?.[1];
  return { text: await answer.text(), cursor: next };
}

async function signed(): Promise<Record<string, string>> {
  const token = await currentToken();
  const traceparent = placeIn(newTrace());
  return token ? { traceparent, authorization: `Bearer ${token}` } : { traceparent };
}
