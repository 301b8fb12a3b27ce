/** What programs get in with, as far as keys and API clients are the same. */
export interface Access {
  id: string;
  name: string;
  scopes: string[];
  last_used_at: string | null;
  expires_at: string | null;
}

/** The names under which the two have their words. */
export type AccessWords = "api_keys" | "api_clients";

/** What somebody wants a program to have. */
export interface AccessWish {
  name: string;
  scopes: string[];
  expires_at: string | null;
}

/** Return whether its time is over. */
export function hasEnded({ expires_at }: Access): boolean {
  return expires_at !== null && new Date(expires_at) <= new Date();
}
