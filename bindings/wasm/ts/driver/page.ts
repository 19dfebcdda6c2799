// What happens to a page: it is hidden, shown again, without a network, and with one.

import type { Environment } from "./environment.js";

/** Who is told. */
export interface PageEvents {
  /** @param kept whether it goes into the back/forward cache */
  hidden(kept: boolean): void;
  /** It was in the back/forward cache. */
  shownAgain(): void;
  online(): void;
  offline(): void;
}

export class Page {
  #leave = new AbortController();

  constructor(page: Environment["page"], events: PageEvents) {
    const { signal } = this.#leave;
    const isKept = (event: Event) => (event as PageTransitionEvent).persisted;
    page?.addEventListener("pagehide", (event) => events.hidden(isKept(event)), { signal });
    page?.addEventListener("pageshow", (event) => isKept(event) && events.shownAgain(), { signal });
    page?.addEventListener("online", () => events.online(), { signal });
    page?.addEventListener("offline", () => events.offline(), { signal });
  }

  close(): void {
    this.#leave.abort();
  }
}
