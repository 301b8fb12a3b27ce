/** Return a path of this application; an address of somebody else's is not followed. */
export function ownPath(next: string | null): string {
  return next?.startsWith("/") && !next.startsWith("//") && !next.includes("\\") ? next : "/";
}
