// The code and the configuration of this very page, to be taken along.

import { useState } from "preact/hooks";
import code from "./driver.ts?raw";
import { CONFIG } from "./settings.js";

const README = "https://github.com/rehome/rehome/blob/main/bindings/wasm/README.md";
const CONFIG_TEXT = JSON.stringify(CONFIG, null, 2);

export function Behind() {
  return (
    <details class="more behind">
      <summary>The code and the configuration behind this page</summary>
      <p>
        This is the file that registers the phone above, whole; then its configuration, which any of the project’s
        packages takes as JSON. An agent desktop needs ten lines: <a href={README}>the package’s README</a> has them.
      </p>
      <div class="listings">
        <Listing label="Code" text={code} />
        <Listing label="Configuration" text={CONFIG_TEXT} />
      </div>
    </details>
  );
}

function Listing({ label, text }: { label: string; text: string }) {
  const [said, setSaid] = useState("");
  const copy = () =>
    navigator.clipboard.writeText(text).then(
      () => setSaid("Copied."),
      () => setSaid("The browser forbids copying: mark the text and copy it by hand."),
    );
  return (
    <section class="listing" aria-label={label}>
      <div class="row">
        <h3>{label}</h3>
        <button type="button" class="button small" onClick={() => void copy()}>
          Copy {label.toLowerCase()}
        </button>
        <span class="small muted" role="status">
          {said}
        </span>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and must do so by keyboard */}
      <pre tabIndex={0}>{text.trim()}</pre>
    </section>
  );
}
