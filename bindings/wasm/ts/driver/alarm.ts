// One timer at a time, in a worker where that can be: a hidden page's own timers come up to a minute late.

/** Rings once after it was set; setting it again replaces what was set. It may ring early. */
export interface Alarm {
  /** How late it may ring (rule 5.2). */
  readonly slackMs: number;
  set(ms: number): void;
  clear(): void;
  close(): void;
  /** Set by the driver. */
  onRing?: () => void;
  /** Set by the driver: it will not ring any more. */
  onLost?: () => void;
}

/** How late the timers of a hidden page are: browsers let them run once a minute. */
export const HIDDEN_PAGE_SLACK_MS = 60_000;
/** How long a worker may take to say that it runs; a content security policy that forbids it may do so silently. */
const PATIENCE_MS = 2000;

/** Timers of this thread. */
export function plainAlarm(slackMs: number): Alarm {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const alarm: Alarm = {
    slackMs,
    set(ms) {
      clearTimeout(timer);
      timer = setTimeout(() => alarm.onRing?.(), ms);
    },
    clear: () => clearTimeout(timer),
    close: () => clearTimeout(timer),
  };
  return alarm;
}

const SOURCE = `let timer;
onmessage = ({ data }) => {
  clearTimeout(timer);
  if (data >= 0) timer = setTimeout(() => postMessage(1), data);
};
postMessage(0);`;

/** Timers of a worker of its own; undefined where none can be made. */
export function workerAlarm(): Promise<Alarm | undefined> {
  return new Promise((resolve) => {
    let worker: Worker;
    let url: string;
    try {
      url = URL.createObjectURL(new Blob([SOURCE], { type: "text/javascript" }));
      worker = new Worker(url);
    } catch {
      resolve(undefined);
      return;
    }
    const alarm: Alarm = {
      slackMs: 0,
      set: (ms) => worker.postMessage(Math.max(0, ms)),
      clear: () => worker.postMessage(-1),
      close: () => worker.terminate(),
    };
    const decide = (made: Alarm | undefined) => {
      clearTimeout(patience);
      URL.revokeObjectURL(url);
      if (!made) worker.terminate();
      resolve(made);
    };
    const patience = setTimeout(() => decide(undefined), PATIENCE_MS);
    worker.onmessage = ({ data }) => (data === 0 ? decide(alarm) : alarm.onRing?.());
    worker.onerror = (event) => {
      event.preventDefault();
      decide(undefined);
      worker.terminate();
      alarm.onLost?.();
    };
  });
}
