/** The roles every workspace has, from the least to the most. */
export const ROLES = ["viewer", "operator", "editor", "admin", "owner"] as const;

/** Return the roles to choose from: those of every workspace, its own, and the one that somebody has. */
export function rolesWith(own: readonly string[], current?: string): string[] {
  return [...new Set([...ROLES, ...own, ...(current ? [current] : [])])];
}
