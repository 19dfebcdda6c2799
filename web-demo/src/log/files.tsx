// A session as a file: out, and in again.

import { useRef, useState } from "preact/hooks";
import { stamp } from "../desktop/format.js";
import type { Phone } from "../desktop/phone.js";
import type { Imported, Viewing } from "../desktop/viewing.js";
import { openSession } from "../session/open.js";
import { timelineOf } from "../session/timeline.js";

interface Props {
  phone: Phone;
  viewing: Viewing;
  /** Whether the live session has its beginning. */
  isWhole: boolean;
  onOpen: (imported: Imported) => void;
  onClose: () => void;
}

export function Files({ phone, viewing, isWhole, onOpen, onClose }: Props) {
  const input = useRef<HTMLInputElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const imported = viewing.kind === "imported" ? viewing.imported : undefined;
  const [trouble, setTrouble] = useState<string>();
  const read = async (file: File | undefined) => {
    if (!file) return;
    try {
      onOpen(opened(file.name, await file.text()));
      setTrouble(undefined);
    } catch (error) {
      setTrouble(`${file.name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  return (
    <div class="files">
      <div class="row">
        <button type="button" class="button" onClick={() => save(phone)}>
          {imported ? "Export the live session" : "Export session"}
        </button>
        <button ref={button} type="button" class="button" onClick={() => input.current?.click()}>
          Import session
        </button>
        <input
          ref={input}
          type="file"
          class="hidden"
          aria-label="Session file"
          accept=".json,application/json"
          tabIndex={-1}
          onChange={(event) => {
            const field = event.currentTarget;
            void read(field.files?.[0]).finally(() => {
              // The same file can be chosen again.
              field.value = "";
            });
          }}
        />
      </div>
      {isWhole ? null : (
        <p class="small muted">
          The live session’s beginning has been dropped, as the log keeps so much and no more: its export is for
          reading, and does not replay.
        </p>
      )}
      {trouble ? (
        <p class="notice bad" role="alert">
          {trouble}
        </p>
      ) : null}
      <div class={imported ? `notice ${imported.difference === undefined ? "then" : "bad"}` : "unopened"}>
        {/* Always there: what comes into it is announced. */}
        <div role="status">{imported ? <Opened imported={imported} /> : null}</div>
        {imported ? (
          <button
            type="button"
            class="button"
            onClick={() => {
              // This button goes: whoever pressed it by keyboard is led on.
              button.current?.focus();
              onClose();
            }}
          >
            Back to the live session
          </button>
        ) : null}
      </div>
    </div>
  );
}

function Opened({ imported }: { imported: Imported }) {
  return (
    <>
      <p>
        <b>{imported.name}</b>, read only. {imported.description}
      </p>
      <p>{verdictOf(imported)}</p>
    </>
  );
}

/** What the run came to. */
function verdictOf({ exported, difference }: Imported): string {
  if (difference !== undefined) return `It came out otherwise than the file says: ${difference}`;
  if (!exported.complete) {
    return "The session’s beginning was not kept: it is shown as the file tells it, and was not run again.";
  }
  const count = exported.scenario.steps.length;
  return `${count === 1 ? "The one step" : `All ${count} steps`} came out as the file says.`;
}

/** Throws a sentence where the file is none. */
function opened(name: string, text: string): Imported {
  const { exported, difference } = openSession(text);
  const { scenario } = exported;
  return { name, description: scenario.description, exported, timeline: timelineOf(scenario), difference };
}

function save(phone: Phone): void {
  const { scenario } = phone.export();
  const url = URL.createObjectURL(new Blob([`${JSON.stringify(scenario, null, 1)}\n`], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = `rehome-session-${stamp(new Date())}.json`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
