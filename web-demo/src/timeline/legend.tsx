import type { ComponentChildren } from "preact";
import { Glyph } from "./glyph.js";

export function Legend() {
  return (
    <ul class="legend">
      <Key text="home, a primary">
        <rect class="home-bar primary" x={0} y={3} width={18} height={9} rx={1.5} />
      </Key>
      <Key text="home elsewhere">
        <rect class="home-bar away" x={0} y={3} width={18} height={9} rx={1.5} />
      </Key>
      <Key text="in doubt">
        <rect class="home-bar primary doubt" x={0} y={3} width={18} height={9} rx={1.5} />
      </Key>
      <Key text="expired">
        <rect class="home-bar primary expired" x={1} y={3.5} width={16} height={8} rx={1.5} />
      </Key>
      <Key text="accepted">
        <Glyph x={9} y={8} result="good" />
      </Key>
      <Key text="failed">
        <Glyph x={9} y={8} result="bad" />
      </Key>
      <Key text="DNS says no">
        <Glyph x={9} y={8} result="no" />
      </Key>
      <Key text="late">
        <Glyph x={9} y={8} result="late" />
      </Key>
      <Key text="cancelled">
        <Glyph x={9} y={8} result="cancelled" />
      </Key>
      <Key text="under way">
        <Glyph x={9} y={8} result="running" />
      </Key>
      <Key text="unregister">
        <Glyph x={9} y={8} result="good" unregister />
      </Key>
      <Key text="held by Retry-After">
        <rect class="held" x={0} y={1} width={18} height={13} fill="url(#held)" />
      </Key>
      <Key text="broken in the lab">
        <rect class="outage" x={0} y={6} width={18} height={4} />
      </Key>
    </ul>
  );
}

function Key({ text, children }: { text: string; children: ComponentChildren }) {
  return (
    <li>
      <svg width="18" height="16" viewBox="0 0 18 16" aria-hidden="true">
        {children}
      </svg>
      {text}
    </li>
  );
}
