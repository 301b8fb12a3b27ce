import type { ThunkDispatch, UnknownAction } from "@reduxjs/toolkit";
import { useDispatch } from "react-redux";
import { api } from "@/api/api";
import { type NotificationChoice, useSaveNotificationChoicesMutation } from "@/api/generated";

type Drawn = ReturnType<typeof api.util.updateQueryData>;
/** The store as far as the API's cache is part of it. */
type ApiState = ReturnType<Parameters<Drawn>[1]>;

/** Saves each choice at once: it is drawn before the server has answered, and taken back when it refuses. */
export function useChoices(items: NotificationChoice[]) {
  const dispatch = useDispatch<ThunkDispatch<ApiState, unknown, UnknownAction>>();
  const [save, { error }] = useSaveNotificationChoicesMutation();
  const choose = async (kind: NotificationChoice["kind"], change: Partial<NotificationChoice>) => {
    const next = items.map((item) => (item.kind === kind ? { ...item, ...change } : item));
    const drawn = dispatch(
      api.util.updateQueryData("getNotificationChoices", undefined, () => ({ items: next })),
    );
    const done = await save({ saveNotificationChoices: { items: next } });
    if (done.error) drawn.undo();
  };
  return { choose, error };
}
