/** What the bell asks for: one answer holds the number and the list. */
import type { ListNotificationsApiArg } from "@/api/generated";

export const EVERY_MS = 20_000;
export const NEWEST: ListNotificationsApiArg = { limit: 30 };
