// The lab: what works, what is broken, and who really is registered.

import { useState } from "preact/hooks";
import { Switch } from "../desktop/switch.js";
import { useStore } from "../store.js";
import { Evidence } from "./evidence.js";
import { FailureField } from "./failure-field.js";
import {
  type Binding,
  DNS_FAILURES,
  type DnsFailure,
  FAILURES,
  type Failure,
  type Lab,
  type LabRegistrar,
  type LabState,
} from "./lab.js";
import { dnsFaultText, faultText } from "./words.js";

const DATACENTRES = [1, 2] as const;

interface Props {
  lab: Lab;
  user: string;
  /** The registrar that the phone calls home. */
  home?: string | undefined;
  /** Nothing is broken, and the phone has never been registered. */
  isStranded?: boolean;
}

export function LabPanel({ lab, user, home, isStranded = false }: Props) {
  const { state, bindings, trouble } = useStore(lab.view);
  const [failure, setFailure] = useState<Failure>("refuse");
  const [dnsFailure, setDnsFailure] = useState<DnsFailure>("servfail");
  const off = state === undefined || trouble !== undefined;
  const dnsFaults = state?.dnsFaults ?? [];
  const alarm = trouble ?? (state && isStranded ? strandedText(state) : undefined);
  return (
    <section class="panel lab" aria-label="Lab">
      <div class="panel-head">
        <h2>Lab</h2>
        <button type="button" class="button small" disabled={off} onClick={() => void lab.mend()}>
          Mend everything
        </button>
      </div>
      {alarm ? (
        <p class="notice bad" role="alert">
          {alarm}
        </p>
      ) : null}
      <FailureField
        label="How it fails"
        hint={`${FAILURES[failure].hint} From the next switch on.`}
        failures={FAILURES}
        value={failure}
        onChange={setFailure}
      />
      <div class="datacentres">
        {DATACENTRES.map((datacentre) => (
          <Datacentre
            key={datacentre}
            datacentre={datacentre}
            registrars={state?.registrars.filter((registrar) => registrar.datacentre === datacentre) ?? []}
            bindings={bindings}
            home={home}
            off={off}
            onDatacentre={(on) => void lab.setDatacentre(datacentre, on, failure)}
            onRegistrar={(name, on) => void lab.setRegistrar(name, on, failure)}
          />
        ))}
      </div>
      <div class="dns">
        <Switch
          checked={dnsFaults.length === 0}
          disabled={off}
          describedBy="dns-state"
          onChange={(on) => void lab.setDns(on, dnsFailure)}
        >
          DNS
        </Switch>
        <span id="dns-state" class={dnsFaults.length > 0 ? "state bad" : "state"}>
          {off ? "not known" : dnsFaults.map(dnsFaultText).join("; ") || "answers"}
        </span>
        <FailureField label="How DNS fails" failures={DNS_FAILURES} value={dnsFailure} onChange={setDnsFailure} />
      </div>
      <Evidence lab={lab} user={user} home={home} />
    </section>
  );
}

/** The page came, and what it needs did not: it was forwarded from another machine, most likely. */
function strandedText({ dohUrls, registrars }: LabState): string {
  const where = `its DNS (${dohUrls[0]}) or its registrars (${registrars[0]?.wsUrl})`;
  return `The lab answers here and nothing is broken in it, but this browser does not reach ${where}. They listen on the loopback addresses of the machine that the lab runs on: open this page in a browser there; to forward this port alone is not enough.`;
}

interface DatacentreProps {
  datacentre: 1 | 2;
  registrars: readonly LabRegistrar[];
  bindings: readonly Binding[];
  home: string | undefined;
  off: boolean;
  onDatacentre: (on: boolean) => void;
  onRegistrar: (name: string, on: boolean) => void;
}

/** A data centre with one of its registrars left is up. */
function Datacentre({ datacentre, registrars, bindings, home, off, onDatacentre, onRegistrar }: DatacentreProps) {
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
              <Switch
                checked={!fault}
                disabled={off}
                describedBy={`${name}-state`}
                onChange={(on) => onRegistrar(name, on)}
              >
                {name}
              </Switch>
              <span id={`${name}-state`} class="registrar-state">
                {fault ? <span class="state bad">{faultText(fault)}</span> : null}
                {held.map(({ contact, expiresIn }) => (
                  <span
                    key={contact}
                    class={name === home ? "binding" : "binding is-left"}
                    title={`Holds a binding${name === home ? "" : " that was left behind"}, ${contact}`}
                  >
                    <span class="visually-hidden">holds a binding{name === home ? "" : ", left behind"}, </span>
                    {Math.round(expiresIn)} s<span class="visually-hidden"> left</span>
                  </span>
                ))}
              </span>
            </li>
          );
        })}
      </ul>
    </div>
  );
}
