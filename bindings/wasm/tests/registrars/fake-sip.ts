// A SIP server over WebSocket that answers as a test wants: for what the lab does not do.

import { createServer as createPlainServer } from "node:http";
import { createServer } from "node:https";
import type { TlsOptions } from "node:tls";
import { type WebSocket, WebSocketServer } from "ws";
import type { Target } from "../../ts/types.js";
import { targetAt } from "./lab.js";

export interface SipRequest {
  readonly text: string;
  readonly number: number;
  readonly socket: WebSocket;
  header(name: string): string;
}

export type Answer = { code: number; headers?: string[]; body?: string } | undefined;

export class FakeSip {
  readonly requests: SipRequest[] = [];
  readonly responses: string[] = [];
  pings = 0;
  connections = 0;
  readonly #server: WebSocketServer;
  readonly target: Target;

  private constructor(
    server: WebSocketServer,
    answer: (request: SipRequest) => Answer,
    pong: () => boolean,
    port: number,
  ) {
    this.#server = server;
    this.target = targetAt("127.0.0.1", port);
    server.on("connection", (socket) => {
      this.connections++;
      socket.on("message", (data) => {
        const text = String(data);
        if (text === "\r\n\r\n") {
          this.pings++;
          if (pong()) socket.send("\r\n");
          return;
        }
        if (text.startsWith("SIP/2.0 ")) this.responses.push(text);
        if (!/^[A-Z]+ sip/.test(text)) return;
        const header = (name: string) => new RegExp(`^${name} *: *(.*)$`, "im").exec(text)?.[1]?.trim() ?? "";
        const request = { text, number: this.requests.length + 1, socket, header };
        this.requests.push(request);
        const reply = answer(request);
        if (reply) socket.send(this.write(request, reply));
      });
    });
  }

  write(request: SipRequest, reply: NonNullable<Answer>): string {
    const copied = ["Via", "From", "Call-ID", "CSeq"].map((name) => `${name}: ${request.header(name)}`);
    return [
      `SIP/2.0 ${reply.code} Whatever`,
      ...copied,
      `To: ${request.header("To")};tag=fake`,
      ...(reply.headers ?? []),
      ...(reply.body ? ["Contact: <sip:bob@fake.invalid;transport=ws>", "Content-Type: application/sdp"] : []),
      `Content-Length: ${reply.body?.length ?? 0}`,
      "",
      reply.body ?? "",
    ].join("\r\n");
  }

  /** Ends a call that was made to us. */
  bye(invite: SipRequest): void {
    const lines = [
      `BYE ${/<(.*?)>/.exec(invite.header("Contact"))?.[1]} SIP/2.0`,
      "Via: SIP/2.0/WS fake.invalid;branch=z9hG4bKfake2",
      "Max-Forwards: 70",
      `From: ${invite.header("To")};tag=fake`,
      `To: ${invite.header("From")}`,
      `Call-ID: ${invite.header("Call-ID")}`,
      "CSeq: 1 BYE",
      "Content-Length: 0",
    ];
    invite.socket.send(`${lines.join("\r\n")}\r\n\r\n`);
  }

  /** Calls somebody who has registered. */
  invite(uri: string, socket: WebSocket, sdp: string): void {
    const lines = [
      `INVITE ${uri} SIP/2.0`,
      "Via: SIP/2.0/WS fake.invalid;branch=z9hG4bKfake1",
      "Max-Forwards: 70",
      "From: <sip:bob@example.test>;tag=bob",
      "To: <sip:alice@example.test>",
      "Call-ID: fake-call-1",
      "CSeq: 1 INVITE",
      "Contact: <sip:bob@fake.invalid;transport=ws>",
      "Content-Type: application/sdp",
      `Content-Length: ${sdp.length}`,
    ];
    socket.send(`${lines.join("\r\n")}\r\n\r\n${sdp}`);
  }

  static async start(
    answer: (request: SipRequest) => Answer,
    pong: boolean | (() => boolean) = true,
    tls?: TlsOptions,
  ): Promise<FakeSip> {
    const http = tls ? createServer(tls) : createPlainServer();
    await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
    const server = new WebSocketServer({ server: http, handleProtocols: () => "sip" });
    server.on("close", () => http.close());
    const { port } = http.address() as { port: number };
    return new FakeSip(server, answer, typeof pong === "function" ? pong : () => pong, port);
  }

  /** How many connections there are now. */
  get open(): number {
    return this.#server.clients.size;
  }

  /** The methods of the requests so far. */
  get methods(): string[] {
    return this.requests.map((request) => request.text.split(" ")[0] ?? "");
  }

  stop(): void {
    for (const socket of this.#server.clients) socket.terminate();
    this.#server.close();
  }
}
