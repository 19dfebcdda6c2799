// What the registrars say, not what the phone believes.

import { useEffect, useState } from "preact/hooks";
import { useStore } from "../store.js";
import { countSeen } from "./count.js";
import type { Binding, Lab, LabRequest } from "./lab.js";

interface Props {
  lab: Lab;
  user: string;
  /** The registrar that the phone calls home. */
  home: string | undefined;
}

export function Evidence({ lab, user, home }: Props) {
  const { state, bindings, trouble } = useStore(lab.view);
  const [open, setOpen] = useState(false);
  const [requests, setRequests] = useState<readonly LabRequest[]>([]);
  // As often as the lab is asked anyway: `bindings` is another list then.
  useEffect(() => {
    if (open && bindings) void lab.requests().then((seen) => seen && setRequests(seen));
  }, [open, bindings, lab]);
  const names = state?.registrars.map(({ name }) => name) ?? [];
  return (
    <>
      <p class="evidence">{!state || trouble ? "Who is registered is not known." : sentence(bindings, user, home)}</p>
      <details class="more" onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>The REGISTERs that each registrar saw</summary>
        <table>
          <thead>
            <tr>
              <th scope="col">Registrar</th>
              <th scope="col">all</th>
              <th scope="col">401</th>
              <th scope="col">200</th>
              <th scope="col">removed</th>
              <th scope="col">refused</th>
              <th scope="col">silent</th>
            </tr>
          </thead>
          <tbody>
            {countSeen(names, requests).map((seen) => (
              <tr key={seen.registrar}>
                <th scope="row">{seen.registrar}</th>
                <td>{seen.registers}</td>
                <td>{seen.challenged}</td>
                <td>{seen.accepted}</td>
                <td>{seen.removed}</td>
                <td>{seen.refused}</td>
                <td>{seen.unanswered}</td>
              </tr>
            ))}
          </tbody>
        </table>
        <p class="hint">
          A registrar that is cut off sees nothing. 401 is the digest’s challenge; what is silent has no answer, or none
          yet.
        </p>
      </details>
    </>
  );
}

function sentence(bindings: readonly Binding[], user: string, home: string | undefined): string {
  const holders = bindings.map(({ registrar, expiresIn }) => {
    return `${registrar} for ${Math.round(expiresIn)} s more${registrar === home ? "" : ", left behind there"}`;
  });
  const held = holders.length === 0 ? "none of them" : holders.join("; and ");
  return `Asked who holds a binding of ${user}, the registrars say: ${held}.`;
}
