/** What the whole application hears about the session. */
import { createAction } from "@reduxjs/toolkit";

/** The refresh cookie is no longer good: somebody has to sign in again. */
export const signedOut = createAction("session/signedOut");

/** The session is somebody else's now: nothing on the page is theirs. */
export const personChanged = createAction("session/personChanged");
