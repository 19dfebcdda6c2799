// The lab: what works, what is broken, and who really is registered.

import { useState } from "preact/hooks";
import { Switch } from "../desktop/switch.js";
import { useStore } from "../store.js";
import { type Binding, FAILURES, type Failure, type Lab, type LabFault, type LabRegistrar } from "./lab.js";

const DATACENTRES = [1, 2] as const;

export function LabPanel({ lab, user }: { lab: Lab; user: string }) {
  const { state, bindings, trouble } = useStore(lab.view);
  const [failure, setFailure] = useState<Failure>("refuse");
  const off = state === undefined || trouble !== undefined;
  const dnsFault = state?.dnsFaults[0];
  return (
    <section class="panel lab" aria-label="Lab">
      <div class="panel-head">
        <h2>Lab</h2>
        <button type="button" class="button small" disabled={off} onClick={() => void lab.mend()}>
          Mend everything
        </button>
      </div>
      {trouble ? (
        <p class="notice bad" role="alert">
          {trouble}
        </p>
      ) : null}
      <label class="field failure">
        <span>How it fails</span>
        <select value={failure} onChange={(event) => setFailure(event.currentTarget.value as Failure)}>
          {Object.entries(FAILURES).map(([kind, { label }]) => (
            <option key={kind} value={kind}>
              {label}
            </option>
          ))}
        </select>
        <span class="hint">{FAILURES[failure].hint} From the next switch on.</span>
      </label>
      <div class="datacentres">
        {DATACENTRES.map((datacentre) => (
          <Datacentre
            key={datacentre}
            datacentre={datacentre}
            registrars={state?.registrars.filter((registrar) => registrar.datacentre === datacentre) ?? []}
            bindings={bindings}
            off={off}
            onDatacentre={(on) => void lab.setDatacentre(datacentre, on, failure)}
            onRegistrar={(name, on) => void lab.setRegistrar(name, on, failure)}
          />
        ))}
      </div>
      <div class="dns">
        <Switch checked={!dnsFault} disabled={off} onChange={(on) => void lab.setDns(on, failure)}>
          DNS
        </Switch>
        <span class={dnsFault ? "state bad" : "state"}>{off ? "not known" : dnsText(dnsFault?.kind)}</span>
      </div>
      <p class="evidence">{off ? "Who is registered is not known." : evidence(bindings, user)}</p>
    </section>
  );
}

/** What the registrars say, not what the phone believes. */
function evidence(bindings: readonly Binding[], user: string): string {
  const holders = bindings.map(({ registrar, expiresIn }) => `${registrar} for ${Math.round(expiresIn)} s more`);
  const held = holders.length === 0 ? "none of them" : holders.join(", and ");
  return `Asked who holds a binding of ${user}, the registrars say: ${held}.`;
}

interface DatacentreProps {
  datacentre: 1 | 2;
  registrars: readonly LabRegistrar[];
  bindings: readonly Binding[];
  off: boolean;
  onDatacentre: (on: boolean) => void;
  onRegistrar: (name: string, on: boolean) => void;
}

/** A data centre with one of its registrars left is up. */
function Datacentre({ datacentre, registrars, bindings, off, onDatacentre, onRegistrar }: DatacentreProps) {
  const names =
    registrars.length > 0 ? registrars.map(({ name }) => name) : [1, 2].map((n) => `dc${datacentre}-spx${n}`);
  const up = registrars.length === 0 || registrars.some(({ fault }) => !fault);
  return (
    <div class={up ? "datacentre" : "datacentre is-down"}>
      <Switch checked={up} disabled={off} onChange={onDatacentre}>
        {`Data centre ${datacentre}`}
      </Switch>
      <ul>
        {names.map((name) => {
          const fault = registrars.find((registrar) => registrar.name === name)?.fault ?? null;
          const held = bindings.filter(({ registrar }) => registrar === name);
          return (
            <li key={name}>
              <Switch checked={!fault} disabled={off} onChange={(on) => onRegistrar(name, on)}>
                {name}
              </Switch>
              {fault ? <span class="state bad">{faultText(fault)}</span> : null}
              {held.map(({ contact, expiresIn }) => (
                <span key={contact} class="binding" title={`Holds a binding, ${contact}`}>
                  <span class="visually-hidden">holds a binding, </span>
                  {Math.round(expiresIn)} s<span class="visually-hidden"> left</span>
                </span>
              ))}
            </li>
          );
        })}
      </ul>
    </div>
  );
}

function dnsText(kind: string | undefined): string {
  if (kind === undefined) return "answers";
  return `${kind === "servfail" ? "answers SERVFAIL" : kind}, both views`;
}

function faultText(fault: LabFault | null): string {
  if (!fault) return "works";
  switch (fault.kind) {
    case "refuse":
      return "cut off";
    case "status":
      return String(fault.code ?? "error");
    case "noUpgrade":
      return "no WebSocket";
    default:
      return fault.kind;
  }
}
