// The decision log: newest first; what lies after the cursor is dimmed.

import { useEffect, useRef, useState } from "preact/hooks";
import { clockText } from "../desktop/format.js";
import { RuleLink } from "../desktop/rule.js";
import type { Shown } from "../desktop/shown.js";
import type { Entry } from "../session/types.js";

export function Decisions({ shown }: { shown: Shown }) {
  const { timeline, cursorMs } = shown;
  const [wanted, setWanted] = useState("");
  const list = useRef<HTMLOListElement>(null);
  const words = wanted.trim().toLowerCase();
  const fits = ({ text, rule, type }: Entry) => `${text} ${rule} ${type}`.toLowerCase().includes(words);
  const entries = timeline.entries.filter(fits).reverse();
  const nearest = cursorMs === null ? -1 : entries.findIndex(({ atMs }) => atMs <= cursorMs);

  useEffect(() => {
    const place = list.current;
    if (!place) return;
    if (cursorMs === null) place.scrollTop = 0;
    // Not scrollIntoView: that would move the page, too.
    else if (nearest >= 0) {
      const entry = place.children[nearest] as HTMLElement | undefined;
      if (entry) place.scrollTop = entry.offsetTop - place.clientHeight / 3;
    }
  }, [cursorMs, nearest]);

  return (
    <section class="panel decisions" aria-label="Decisions">
      <div class="panel-head">
        <h2>Decisions</h2>
        <label class="field">
          <span>Filter</span>
          <input
            type="search"
            value={wanted}
            placeholder="4.1, dc2, refreshed"
            onInput={(event) => setWanted(event.currentTarget.value)}
          />
        </label>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and must do so by keyboard */}
      <ol class="log" ref={list} tabIndex={0} aria-label="Decision log, newest first">
        {entries.map((entry, index) => (
          <Line
            key={entry.id}
            entry={entry}
            time={clockText(entry.atMs, timeline.wallAtZeroMs, true)}
            when={cursorMs === null ? "" : entry.atMs > cursorMs ? "later" : index === nearest ? "nearest" : ""}
          />
        ))}
      </ol>
      {entries.length === 0 ? (
        <p class="muted">{words ? `No decision speaks of “${wanted.trim()}”.` : "Nothing has been decided yet."}</p>
      ) : null}
    </section>
  );
}

interface LineProps {
  entry: Entry;
  time: string;
  when: "" | "later" | "nearest";
}

function Line({ entry, time, when }: LineProps) {
  return (
    <li class={`entry ${entry.tone} ${when}`} data-type={entry.type} data-rule={entry.rule}>
      <span class="entry-glyph" aria-hidden="true" />
      <time class="entry-time">{time}</time>
      <RuleLink rule={entry.rule} />
      <span class="entry-text">{entry.text}</span>
    </li>
  );
}
