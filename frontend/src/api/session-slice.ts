/** Who is signed in and what they may do. The token itself is never here. */
import { createSlice, type PayloadAction } from "@reduxjs/toolkit";
import type { Me } from "./generated";
import { personChanged, signedOut } from "./session-events";

export interface SessionState {
  /** `unknown` until the refresh cookie was tried. */
  status: "unknown" | "signed_in" | "signed_out" | "expired";
  me: Me | null;
}

const initialState: SessionState = { status: "unknown", me: null };

export const sessionSlice = createSlice({
  name: "session",
  initialState,
  reducers: {
    signedIn: (state, { payload }: PayloadAction<Me>) => {
      state.status = "signed_in";
      state.me = payload;
    },
    leftByChoice: () => ({ status: "signed_out", me: null }) as const satisfies SessionState,
  },
  extraReducers: (builder) => {
    // Whoever was at work keeps the page, and signs in over it.
    builder.addCase(signedOut, (state) => {
      state.status = state.me ? "expired" : "signed_out";
    });
    // Who it is now is found out anew, and the page is drawn from the beginning.
    builder.addCase(personChanged, () => initialState);
  },
  selectors: {
    selectSession: (state) => state,
    selectMay: (state, permission: string) => state.me?.permissions.includes(permission) ?? false,
  },
});

export const { signedIn, leftByChoice } = sessionSlice.actions;
export const { selectSession, selectMay } = sessionSlice.selectors;
