// A Genesys Softphone's connector that knows the documented requests only
// (https://docs.genesys.com/Documentation:SP:api:GsConnectorV2Bis:Current): POST and DELETE /register, GET and DELETE
// /session. Anything else is 404. The states' names are made up: nobody could read the real ones.

import { createServer, type Server } from "node:http";

export class FakeSoftphone {
  readonly requests: string[] = [];
  readonly bodies: string[] = [];
  /** What the softphone's own configuration says. */
  server = "dc1-spx1.example.test";
  /** What a started connection becomes, and after how long. */
  becomes = "UP";
  afterMs = 30;
  calls: { state: string; uuid: string }[] = [];
  /** The next answer's status, where it is not to be 200. */
  refuse: number | undefined;
  /** Requests are not answered. */
  hangs = false;
  state = "NONE";
  readonly #http: Server;

  private constructor() {
    this.#http = createServer((request, response) => {
      let body = "";
      request.on("data", (chunk) => {
        body += chunk;
      });
      request.on("end", () => {
        const what = `${request.method} ${request.url}`;
        this.requests.push(what);
        if (this.hangs) return;
        response.setHeader("content-type", "application/json");
        response.statusCode = this.refuse ?? 200;
        if (response.statusCode !== 200) return response.end();
        if (what === "POST /register") {
          this.bodies.push(body);
          this.calls = [];
          this.state = "NONE";
          setTimeout(() => {
            this.state = this.becomes;
          }, this.afterMs);
        } else if (what === "DELETE /register" || what === "DELETE /session") {
          this.calls = [];
          this.state = "NONE";
        } else if (what === "GET /session") {
          return response.end(
            JSON.stringify({
              devices: { speaker: { volume: 8, name: "name", muted: true }, headset_used: true },
              phone: { calls: this.calls },
              connectivities: {
                protocol: "udp",
                connections: [{ server: this.server, state: this.state, user: "alice" }],
              },
            }),
          );
        } else response.statusCode = 404;
        return response.end();
      });
    });
  }

  static async start(): Promise<FakeSoftphone> {
    const fake = new FakeSoftphone();
    await new Promise<void>((resolve) => fake.#http.listen(0, "127.0.0.1", resolve));
    return fake;
  }

  get baseUrl(): string {
    return `http://127.0.0.1:${(this.#http.address() as { port: number }).port}`;
  }

  count(what: string): number {
    return this.requests.filter((request) => request === what).length;
  }

  stop(): void {
    this.#http.closeAllConnections();
    this.#http.close();
  }
}
