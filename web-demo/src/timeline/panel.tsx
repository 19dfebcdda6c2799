// The timeline: the chart, what is pointed at, and the slider.

import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { clockText } from "../desktop/format.js";
import type { Shown } from "../desktop/shown.js";
import type { View } from "../desktop/viewing.js";
import type { Broken } from "../lab/history.js";
import { useTick } from "../store.js";
import { Chart } from "./chart.js";
import { type Item, itemsOf, laneNames } from "./items.js";
import { layoutOf } from "./layout.js";
import { Legend } from "./legend.js";
import { outagesOf } from "./outages.js";
import { axisOf } from "./scale.js";
import { Scrubber } from "./scrubber.js";
import { Summary } from "./summary.js";
import { type Range, rangeOf, WINDOWS, type WindowKey } from "./window.js";

const still = matchMedia("(prefers-reduced-motion: reduce)");

interface Props {
  shown: Shown;
  view: View;
  /** What the lab broke; it has no part in a file's session. */
  broken: readonly Broken[];
  /** What is done with the session as a whole. */
  children: ComponentChildren;
}

export function TimelinePanel({ shown, view, broken, children }: Props) {
  const { timeline, cursorMs } = shown;
  useTick(shown.kind === "live" ? (still.matches ? 1000 : 250) : null);
  const place = useRef<HTMLDivElement>(null);
  const width = useWidth(place);
  const [windowKey, setWindowKey] = useState<WindowKey>("60000");
  const [current, setCurrent] = useState<string>();
  const before = useRef<Range>({ fromMs: 0, toMs: 0 });

  const named = useMemo(() => laneNames(timeline.lanes), [timeline]);
  const items = useMemo(() => itemsOf(timeline, named), [timeline, named]);
  const item = items.find(({ id }) => id === current);
  const edgeMs = shown.edgeMs();
  // A file is looked at as a whole.
  const key = shown.kind === "imported" ? "all" : windowKey;
  const { startMs } = timeline;
  const range = rangeOf(key, { startMs, edgeMs, wantedMs: cursorMs }, before.current);
  before.current = range;
  const layout = layoutOf(timeline, width);
  const axis = axisOf({ layout, range, edgeMs, knownMs: shown.knownMs(), wallAtZeroMs: timeline.wallAtZeroMs });
  const outages = outagesOf(shown.kind === "imported" ? [] : broken, timeline);
  const scrub = (atMs: number) => view.scrub(atMs, startMs, edgeMs);

  return (
    <section class="panel timeline" aria-label="Timeline">
      <div class="panel-head">
        <h2>Timeline</h2>
        <div class="row">
          <label class="field">
            <span>Window</span>
            <select
              value={key}
              disabled={shown.kind === "imported"}
              onChange={(event) => setWindowKey(event.currentTarget.value as WindowKey)}
            >
              {Object.entries(WINDOWS).map(([value, text]) => (
                <option key={value} value={value}>
                  {text}
                </option>
              ))}
            </select>
          </label>
        </div>
      </div>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is for fields */}
      <div
        class="chart-place"
        ref={place}
        role="group"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: its arrow keys go from item to item
        tabIndex={0}
        aria-label="Chart: arrow keys go from item to item, Enter goes to its moment"
        onKeyDown={(event) => {
          const next = chosen(event.key, items.filter(axis.shows), item);
          if (next === undefined && event.key !== "Enter") return;
          event.preventDefault();
          if (event.key === "Enter") {
            if (item) scrub(item.fromMs);
          } else setCurrent(next?.id);
        }}
        onBlur={() => setCurrent(undefined)}
      >
        <Chart
          timeline={timeline}
          layout={layout}
          axis={axis}
          outages={outages}
          named={named}
          cursorMs={cursorMs}
          current={current}
          onPoint={setCurrent}
          onTime={scrub}
        />
      </div>
      <output class="readout">
        {item?.text ?? (
          <span class="muted">Point at something, or go there with the arrow keys: here it says what it was.</span>
        )}
      </output>
      <div class="scrub-row">
        <Scrubber timeline={timeline} edgeMs={edgeMs} cursorMs={cursorMs} onTime={scrub} />
        <span class="scrub-time">{clockText(cursorMs ?? edgeMs, timeline.wallAtZeroMs)}</span>
        <button
          type="button"
          class={shown.kind === "live" ? "button small is-live" : "button small"}
          aria-pressed={shown.kind === "live"}
          onClick={() => view.close()}
        >
          Live
        </button>
      </div>
      <Legend />
      {children}
      <Summary timeline={timeline} named={named} outages={outages} />
    </section>
  );
}

/** The item that a key leads to, of those in sight. */
function chosen(key: string, items: readonly Item[], item: Item | undefined): Item | undefined {
  const at = item ? items.indexOf(item) : -1;
  switch (key) {
    case "ArrowRight":
      return items[Math.min(at + 1, items.length - 1)];
    case "ArrowLeft":
      return items[at < 0 ? items.length - 1 : Math.max(0, at - 1)];
    case "Home":
      return items[0];
    case "End":
      return items.at(-1);
    default:
      return undefined;
  }
}

function useWidth(place: { current: HTMLElement | null }): number {
  const [width, setWidth] = useState(640);
  useLayoutEffect(() => {
    if (place.current) setWidth(place.current.clientWidth);
  }, [place]);
  useEffect(() => {
    if (!place.current) return;
    const observer = new ResizeObserver(([entry]) => {
      if (entry) setWidth(Math.floor(entry.contentRect.width));
    });
    observer.observe(place.current);
    return () => observer.disconnect();
  }, [place]);
  return width;
}
