/** Whether anybody is there to answer, and when it is worth asking again. */

const AGAIN_MS = 5_000;

/** Return whether the server answers at all, whatever it says. */
export async function isReachable(): Promise<boolean> {
  try {
    return (await fetch(location.href, { cache: "no-store" })).status < 500;
  } catch {
    return false;
  }
}

/** Wait until the network is said to be back, or for a moment: a server can be away while the network is there. */
export function aMomentOrOnline(): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      removeEventListener("online", done);
      resolve();
    };
    const timer = setTimeout(done, AGAIN_MS);
    addEventListener("online", done);
  });
}
