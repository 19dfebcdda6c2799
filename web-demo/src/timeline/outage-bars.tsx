import type { Outage } from "./outages.js";
import type { Axis } from "./scale.js";

/** A thin bar at a lane's foot while its server was broken in the lab. */
export function Outages({ outages, axis, y }: { outages: readonly Outage[]; axis: Axis; y: number }) {
  return (
    <>
      {outages.filter(axis.shows).map((outage) => {
        const x = axis.x(outage.fromMs);
        const width = Math.max(2, axis.x(outage.toMs ?? axis.edgeMs) - x);
        return <rect key={outage.fromMs} class="outage" x={x} y={y} width={width} height={4} />;
      })}
    </>
  );
}
