// One WebSocket, from connecting to closed. It is ours and not the library's, so that both libraries connect, fail and
// close alike, a keep-alive's answer is seen, and nothing reconnects by itself.

import type { Outcome } from "../types.js";

/** What of the WebSocket API is used: browsers', and that of the `ws` package. */
export interface WebSocketLike {
  binaryType: string;
  readonly readyState: number;
  onopen: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  send(data: string): void;
  close(code?: number): void;
}

/** Makes a WebSocket. */
export type WebSocketConstructor = new (url: string, protocols: string) => WebSocketLike;

export type Data = string | ArrayBuffer;

/** The keep-alive of RFC 5626, section 3.5.1, and its answer. */
export const PING = "\r\n\r\n";
export const PONG = "\r\n";

const NOTHING = () => {};
const OPEN = 1;

/** What stands behind a connection that never came about. A browser tells nothing; Node does. */
function reasonOf(error: unknown): Outcome {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  const name = typeof code === "string" ? code : "";
  if (name === "ENOTFOUND" || name === "EAI_AGAIN") return { type: "noAddress" };
  if (name === "ECONNREFUSED") return { type: "unreachable", cause: "refused" };
  if (name === "EHOSTUNREACH" || name === "ENETUNREACH") return { type: "unreachable", cause: "noRoute" };
  if (name === "ETIMEDOUT") return { type: "unreachable", cause: "timeout" };
  if (name === "ECONNRESET" || name === "EPIPE" || message === "socket hang up")
    return { type: "unreachable", cause: "closed" };
  if (/^EPROTO$|CERT|SSL|TLS|SIGNATURE/.test(name)) return { type: "unreachable", cause: "tls" };
  return { type: "unreachable", cause: "webSocket" };
}

export class Wire {
  #socket: WebSocketLike | undefined;
  #opened = false;
  #error: unknown;

  constructor(
    url: string,
    WebSocket: WebSocketConstructor,
    events: {
      open(): void;
      /** Once, unless `close` was called: never opened, and why; or opened, and lost. */
      failed(why: Outcome): void;
      lost(): void;
      data(data: Data): void;
    },
  ) {
    // May throw: the URL, or a page that may not use ws://.
    const socket = new WebSocket(url, "sip");
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      this.#opened = true;
      events.open();
    };
    socket.onmessage = (event: { data: unknown }) => {
      if (typeof event.data === "string" || event.data instanceof ArrayBuffer) events.data(event.data);
    };
    socket.onerror = (event: { error?: unknown }) => {
      this.#error ??= event.error;
    };
    socket.onclose = () => {
      this.#socket = undefined;
      if (this.#opened) return events.lost();
      const offline = (globalThis.navigator as { onLine?: boolean } | undefined)?.onLine === false;
      events.failed(offline ? { type: "notSent" } : reasonOf(this.#error));
    };
  }

  get open(): boolean {
    return this.#socket?.readyState === OPEN;
  }

  send(text: string): boolean {
    if (!this.open) return false;
    this.#socket?.send(text);
    return true;
  }

  /** Silent: no event follows. */
  close(): void {
    const socket = this.#socket;
    if (!socket) return;
    this.#socket = undefined;
    socket.onopen = socket.onmessage = socket.onclose = socket.onerror = NOTHING;
    try {
      socket.close(1000);
    } catch {
      // Closed already.
    }
    // In Node the closing handshake with a frozen server would last 30 s.
    const { terminate } = socket as { terminate?: () => void };
    if (typeof terminate === "function")
      (setTimeout(() => terminate.call(socket), 500) as { unref?: () => void }).unref?.();
  }
}
