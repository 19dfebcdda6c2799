// The page's beginning: the lab is asked where everything is, then the phone starts by itself.

import { init } from "@rehome/sip";
import { render } from "preact";
import { App } from "./app.js";
import { readSettings } from "./desktop/settings.js";
import { applyTheme } from "./desktop/theme.js";
import { History } from "./lab/history.js";
import { Lab } from "./lab/lab.js";
import "./style/index.css";

applyTheme();
const settings = readSettings(location);
const lab = new Lab(settings.lab, settings.user);
lab.watch();
const place = document.getElementById("app");
place?.replaceChildren();
if (place) render(<App settings={settings} lab={lab} history={new History(lab)} ready={init()} />, place);
