// The two inner modules of JsSIP that are used. The first has no types of its own.

declare module "jssip/lib/RequestSender.js" {
  export interface JsSipResponse {
    status_code: number;
    getHeader(name: string): string | undefined;
    getHeaders(name: string): string[];
  }
  export default class RequestSender {
    constructor(
      ua: unknown,
      request: unknown,
      handlers: {
        onRequestTimeout(): void;
        onTransportError(): void;
        onReceiveResponse(response: JsSipResponse): void;
        onAuthenticated(): void;
      },
    );
    readonly clientTransaction?: { readonly state: number };
    send(): void;
  }
}

declare module "jssip/lib/SIPMessage.js" {
  const messages: {
    OutgoingRequest: new (
      method: string,
      uri: unknown,
      ua: unknown,
      parameters: Record<string, unknown>,
      headers: string[],
    ) => object;
  };
  export default messages;
}
