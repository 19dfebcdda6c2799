import type { Site } from "./settings.js";
import { Switch } from "./switch.js";
import { useDark } from "./theme.js";

interface Props {
  site: Site;
  onSite: (site: Site) => void;
}

export function Header({ site, onSite }: Props) {
  const [dark, setDark] = useDark();
  return (
    <header class="page-head">
      <div class="brand">
        <h1>Rehome</h1>
        <p>
          A softphone in this page, registered over WebSocket with one of four registrars in two data centres. Break
          them, and see where it goes, when it comes back, and by which rule.
        </p>
      </div>
      <div class="page-tools">
        <label class="field">
          <span>Site</span>
          <select
            value={String(site)}
            onChange={(event) => onSite(event.currentTarget.value === "2" ? 2 : 1)}
            title="Whose DNS the phone asks: each site has its own data centre first."
          >
            <option value="1">Data centre 1 first</option>
            <option value="2">Data centre 2 first</option>
          </select>
        </label>
        <Switch checked={dark} onChange={setDark}>
          Dark
        </Switch>
      </div>
    </header>
  );
}
