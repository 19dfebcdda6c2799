import type { Work } from "../session/types.js";

interface Props {
  x: number;
  y: number;
  result: Work["result"];
  unregister?: boolean;
}

/** What came of it: told by the shape, and again by the colour. */
export function Glyph({ x, y, result, unregister = false }: Props) {
  const kind = `glyph ${result}${unregister ? " unregister" : ""}`;
  if (unregister) return <path class={kind} d={`M${x - 4.5} ${y - 3.5}h9l-4.5 7.5z`} />;
  switch (result) {
    case "good":
      return <circle class={kind} cx={x} cy={y} r={4} />;
    case "bad":
      return <path class={kind} d={`M${x - 3.5} ${y - 3.5}l7 7m0 -7l-7 7`} />;
    case "late":
      return <path class={kind} d={`M${x} ${y - 5}l5 5l-5 5l-5 -5z`} />;
    case "cancelled":
      return <path class={kind} d={`M${x - 4} ${y}h8`} />;
    case "no":
      return <circle class={kind} cx={x} cy={y} r={5.5} />;
    default:
      return <circle class={kind} cx={x} cy={y} r={3.5} />;
  }
}
