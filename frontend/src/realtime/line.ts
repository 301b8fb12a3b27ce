/** The socket as feeds use it: opened when it is first needed, and used at once when it is open already. */
import type { Socket } from "socket.io-client";
import { openSocket, theSocket } from "./socket";

const ACK_MS = 10_000;

/** What a feed needs of a socket; tests script one. */
export interface Line {
  readonly connected: boolean;
  on: (event: string, listener: (...values: never[]) => void) => unknown;
  off: (event: string, listener: (...values: never[]) => void) => unknown;
  emit: (event: string, message: unknown) => unknown;
  request: (event: string, message: unknown) => Promise<unknown>;
}

export function socketLine(): Line {
  // What is open already is used at once: a connection that stands does not tell of itself again.
  const use = <Answer>(act: (socket: Socket) => Answer) => {
    const socket = openSocket();
    if (socket) return act(socket);
    return theSocket().then(act, () => undefined);
  };
  return {
    get connected() {
      return openSocket()?.connected ?? false;
    },
    on: (event, listener) => use((socket) => socket.on(event, listener as never)),
    off: (event, listener) => use((socket) => socket.off(event, listener as never)),
    emit: (event, message) => use((socket) => socket.emit(event, message)),
    request: async (event, message) =>
      (await theSocket()).timeout(ACK_MS).emitWithAck(event, message),
  };
}
