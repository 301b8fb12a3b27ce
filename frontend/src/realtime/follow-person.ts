/** Lets the store follow a person's stream: what is told goes into the lists that pages show already. */
import type { ThunkDispatch, UnknownAction } from "@reduxjs/toolkit";
import { api } from "@/api/generated";
import { socketLine } from "./line";
import { PersonFeed, type PersonListener, type PersonState } from "./person-feed";
import { withTold } from "./told-notifications";

type ApiState = Parameters<typeof api.util.selectCachedArgsForQuery>[0];
interface Store {
  dispatch: ThunkDispatch<ApiState, unknown, UnknownAction>;
  getState: () => unknown;
}

/** Follow the stream; the answer ends that. */
export function followPerson(userId: string, store: Store, listener: PersonListener): () => void {
  const feed = new PersonFeed(userId, socketLine(), {
    onState: (state) => {
      tellLists(store, state);
      listener.onState(state);
    },
    onAway: listener.onAway,
  });
  feed.start();
  return () => feed.stop();
}

function tellLists({ dispatch, getState }: Store, told: PersonState): void {
  const state = getState() as ApiState;
  const lists = api.util.selectCachedArgsForQuery(state, "listNotifications");
  for (const args of lists.filter(({ unread, cursor }) => !unread && !cursor)) {
    const { data } = api.endpoints.listNotifications.select(args)(state);
    if (!data) continue;
    const next = withTold(data, told);
    if (next) dispatch(api.util.updateQueryData("listNotifications", args, () => next));
    else {
      const again = { forceRefetch: true, subscribe: false };
      void dispatch(api.endpoints.listNotifications.initiate(args, again));
    }
  }
}
