/** Permissions as people look for them: by what they are about. */
export interface Area {
  area: string;
  permissions: string[];
}

/** Return permissions by their area, in the order in which they come. */
export function areasOf(permissions: readonly string[]): Area[] {
  const found = Map.groupBy(permissions, (permission) => permission.split(":")[0] ?? permission);
  return [...found].map(([area, own]) => ({ area, permissions: own }));
}

/** Return what a permission lets somebody do, without what it is about. */
export function actOf(permission: string): string {
  return permission.slice(permission.indexOf(":") + 1);
}
