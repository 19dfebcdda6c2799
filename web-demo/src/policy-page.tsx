// core/POLICY.md as a page; each rule has its id, for the links of the log.

import { marked } from "marked";
import { render } from "preact";
import { useEffect } from "preact/hooks";
import { Switch } from "./desktop/switch.js";
import { applyTheme, useDark } from "./desktop/theme.js";
import { policy, ruleOf } from "./session/policy.js";
import "./style/index.css";
import "./style/policy.css";

/** The text is the project's own, built into the page. */
function Markdown({ text, inline = false }: { text: string; inline?: boolean }) {
  const html = inline ? marked.parseInline(text, { async: false }) : marked.parse(text, { async: false });
  return inline ? (
    <span dangerouslySetInnerHTML={{ __html: html }} />
  ) : (
    <div dangerouslySetInnerHTML={{ __html: html }} />
  );
}

/** Other rules that a sentence names become links. */
function linked(text: string, own: string): string {
  return text
    .split(/(`[^`]*`)/u)
    .map((part) => (part.startsWith("`") ? part : part.replace(/\b\d\.\d+\b/gu, (id) => link(id, own))))
    .join("");
}

function link(id: string, own: string): string {
  return id !== own && ruleOf(id) ? `[${id}](#${id})` : id;
}

function PolicyPage() {
  const [dark, setDark] = useDark();
  useEffect(() => {
    // The rules were not there yet when the browser looked for the one that the address names.
    const id = decodeURIComponent(location.hash.slice(1));
    if (!id || !document.getElementById(id)) return;
    location.replace(`#${id}`);
  }, []);
  return (
    <>
      <header class="page-head">
        <div class="brand">
          <p class="back">
            <a href="./index.html">Rehome</a>
          </p>
          <h1>{policy.title}</h1>
        </div>
        <div class="page-tools">
          <Switch checked={dark} onChange={setDark}>
            Dark
          </Switch>
        </div>
      </header>
      <div class="policy">
        <nav aria-label="Sections">
          <ol>
            {policy.sections.map(({ number, title }) => (
              <li key={number}>
                <a href={`#section-${number}`}>
                  <span class="rule">{number}</span> {title}
                </a>
              </li>
            ))}
          </ol>
        </nav>
        <main>
          <div class="words">
            <Markdown text={policy.before} />
          </div>
          {policy.sections.map(({ number, title, rules, after }) => (
            <section key={number} id={`section-${number}`} aria-label={title}>
              <h2>
                <span class="number">{number}</span> {title}
              </h2>
              {rules.map(({ id, from, sentences }) => (
                <article key={id} id={id} class="policy-rule">
                  <h3>
                    <a href={`#${id}`}>{id}</a>
                  </h3>
                  <div>
                    {sentences.map((sentence) => (
                      <p key={sentence.id} class="sentence">
                        <span class="letter">{sentence.id.slice(id.length)}</span>
                        <Markdown text={linked(sentence.text, id)} inline />
                      </p>
                    ))}
                    <p class="from">From {from}</p>
                  </div>
                </article>
              ))}
              {after ? (
                <div class="words">
                  <Markdown text={after} />
                </div>
              ) : null}
            </section>
          ))}
        </main>
      </div>
    </>
  );
}

applyTheme();
const place = document.getElementById("app");
place?.replaceChildren();
if (place) render(<PolicyPage />, place);
