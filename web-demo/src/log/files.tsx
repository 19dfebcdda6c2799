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
  onOpen: (imported: Imported) => void;
  onClose: () => void;
}

export function Files({ phone, viewing, onOpen, onClose }: Props) {
  const input = useRef<HTMLInputElement>(null);
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
          Export session
        </button>
        <button type="button" class="button" onClick={() => input.current?.click()}>
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
      {trouble ? (
        <p class="notice bad" role="alert">
          {trouble}
        </p>
      ) : null}
      {viewing.kind === "imported" ? <Opened imported={viewing.imported} onClose={onClose} /> : null}
    </div>
  );
}

function Opened({ imported, onClose }: { imported: Imported; onClose: () => void }) {
  return (
    <div class={imported.same ? "notice then" : "notice bad"}>
      <p>
        <b>{imported.name}</b>, read only. {imported.description}
      </p>
      <p>{imported.verdict}</p>
      <button type="button" class="button" onClick={onClose}>
        Back to the live session
      </button>
    </div>
  );
}

/** Throws a sentence where the file is none. */
function opened(name: string, text: string): Imported {
  const { exported, difference } = openSession(text);
  const count = exported.scenario.steps.length;
  const all = count === 1 ? "The one step" : `All ${count} steps`;
  const verdict = exported.complete
    ? `${all} came out as the file says.`
    : "The session’s beginning was not kept: it is shown as the file tells it, and was not run again.";
  return {
    name,
    description: exported.scenario.description,
    exported,
    timeline: timelineOf(exported.scenario),
    verdict: difference ? `It came out otherwise than the file says: ${difference}` : verdict,
    same: difference === undefined,
  };
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
