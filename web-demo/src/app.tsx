// The regions of the page, and what a test reads off <main>.

import { useEffect, useMemo, useState } from "preact/hooks";
import { Announcer } from "./desktop/announcer.js";
import { Behind } from "./desktop/behind.js";
import { Desktop } from "./desktop/desktop.js";
import { shortHost } from "./desktop/format.js";
import { Header } from "./desktop/header.js";
import { Phone } from "./desktop/phone.js";
import { addressOfSite, type PageSettings, type Site, TIMES_NOTE } from "./desktop/settings.js";
import { useShown } from "./desktop/shown.js";
import { View } from "./desktop/viewing.js";
import type { History } from "./lab/history.js";
import type { Lab } from "./lab/lab.js";
import { LabPanel } from "./lab/panel.js";
import { Files } from "./log/files.js";
import { Decisions } from "./log/panel.js";
import type { Lane } from "./session/types.js";
import { useStore } from "./store.js";
import { TimelinePanel } from "./timeline/panel.js";

interface Props {
  settings: PageSettings;
  lab: Lab;
  history: History;
  /** The policy's module is there. */
  ready: Promise<unknown>;
}

export function App({ settings, lab, history, ready }: Props) {
  const { state } = useStore(lab.view);
  const [isReady, setReady] = useState(false);
  const [trouble, setTrouble] = useState<string>();
  const [phone, setPhone] = useState<Phone>();
  useEffect(() => {
    ready.then(
      () => setReady(true),
      (error) => setTrouble(`The policy cannot be loaded: ${error instanceof Error ? error.message : String(error)}`),
    );
  }, [ready]);
  const dohUrl = state?.dohUrls[settings.site - 1];
  useEffect(() => {
    if (!isReady || !dohUrl) return;
    if (phone) phone.dohUrl = dohUrl;
    else setPhone(new Phone(settings, dohUrl));
  }, [isReady, dohUrl, phone, settings]);

  const onSite = async (site: Site) => {
    await phone?.leave();
    location.assign(addressOfSite(location, site));
  };
  return (
    <>
      <Header site={settings.site} onSite={(site) => void onSite(site)} />
      {phone ? (
        <Regions phone={phone} lab={lab} history={history} user={settings.user} />
      ) : (
        <Waiting lab={lab} user={settings.user} trouble={trouble} />
      )}
      <footer class="page-foot">
        <p>{TIMES_NOTE}</p>
        <p>
          Account <b>{settings.user}</b>, a phone in this page with JsSIP. The numbers in boxes are rules of{" "}
          <a href="policy.html" target="rehome-policy">
            the policy
          </a>
          .
        </p>
        <Behind />
      </footer>
    </>
  );
}

/** Until the lab has said where the registrars are. */
function Waiting({ lab, user, trouble }: { lab: Lab; user: string; trouble: string | undefined }) {
  return (
    <main data-state="stopped" data-home="" data-primary="false" data-role="pending" data-view="live">
      <div class="column">
        <section class="panel desktop" aria-label="Agent desktop">
          <div class="panel-head">
            <h2>Agent desktop</h2>
          </div>
          <p class="phone-state plain">
            <span class="phone-glyph" aria-hidden="true" />
            Not started
          </p>
          <p class="muted">{trouble ?? "The phone starts when the lab has told where DNS is."}</p>
        </section>
        <LabPanel lab={lab} user={user} />
      </div>
    </main>
  );
}

const wasHome = ({ home }: Lane) => home.length > 0;

interface RegionsProps {
  phone: Phone;
  lab: Lab;
  history: History;
  user: string;
}

function Regions({ phone, lab, history, user }: RegionsProps) {
  const view = useMemo(() => new View(), []);
  const { live, viewing, shown } = useShown(phone, view);
  const { state } = useStore(lab.view);
  const broken = useStore(history.spans);
  const { status, role } = live;
  const datacentreOf = (host: string) =>
    host.endsWith(`.${state?.domain ?? ""}`)
      ? state?.registrars.find(({ name }) => name === shortHost(host))?.datacentre
      : undefined;
  return (
    <main
      data-state={status.state}
      data-home={status.home?.host ?? ""}
      data-primary={String(status.primary)}
      data-role={role}
      data-view={viewing.kind}
    >
      <Announcer status={status} />
      <div class="column">
        <Desktop phone={phone} live={live} shown={shown} datacentreOf={datacentreOf} />
        <LabPanel
          lab={lab}
          user={user}
          home={status.home && shortHost(status.home.host)}
          isStranded={status.state === "waiting" && broken.length === 0 && !live.timeline.lanes.some(wasHome)}
        />
      </div>
      <div class="column">
        <TimelinePanel shown={shown} view={view} broken={broken}>
          <Files
            phone={phone}
            viewing={viewing}
            isWhole={live.session.complete}
            onOpen={(imported) => view.open(imported)}
            onClose={() => view.close()}
          />
        </TimelinePanel>
        <Decisions shown={shown} />
      </div>
    </main>
  );
}
