// core/POLICY.md in its parts: sections, rules, sentences. The texts stay markdown.

import markdown from "../../../core/POLICY.md?raw";

export interface PolicySentence {
  /** `4.1a` */
  readonly id: string;
  /** Raw markdown. */
  readonly text: string;
}

export interface PolicyRule {
  /** `4.1` */
  readonly id: string;
  /** Where it comes from, as `X; RFC 3261`. */
  readonly from: string;
  readonly sentences: readonly PolicySentence[];
}

export interface PolicySection {
  readonly number: number;
  /** `Rollover` */
  readonly title: string;
  readonly rules: readonly PolicyRule[];
  /** Raw markdown that follows its last rule; mostly empty. */
  readonly after: string;
}

export interface Policy {
  /** `The registration policy, rule by rule` */
  readonly title: string;
  /** Raw markdown between the title and the first section: introduction and words. */
  readonly before: string;
  readonly sections: readonly PolicySection[];
}

const SECTION = /^## (\d+) (.+)$/u;
const RULE = /^### (\d+\.\d+)$/u;
const FROM = /^\*From: (.+?)\.?\*$/u;
const SENTENCE = /^- \*\*(\d+\.\d+[a-z])\*\* (.+)$/u;

interface Open {
  number: number;
  title: string;
  rules: { id: string; from: string; sentences: { id: string; text: string }[] }[];
  after: string;
}

function readLine(line: string, section: Open): void {
  const rule = section.rules.at(-1);
  const sentence = rule?.sentences.at(-1);
  const [, begun] = RULE.exec(line) ?? [];
  const [, from] = FROM.exec(line) ?? [];
  const [, id, text] = SENTENCE.exec(line) ?? [];
  if (begun) section.rules.push({ id: begun, from: "", sentences: [] });
  else if (rule && from) rule.from = from;
  else if (rule && id && text) rule.sentences.push({ id, text });
  // A sentence may go on in the next line, indented.
  else if (sentence && /^ +\S/u.test(line)) sentence.text += ` ${line.trim()}`;
  else section.after += `${line}\n`;
}

export function parsePolicy(text: string): Policy {
  let title = "";
  let before = "";
  const sections: Open[] = [];
  for (const line of text.split(/\r?\n/u)) {
    const section = sections.at(-1);
    const [, number, heading = ""] = SECTION.exec(line) ?? [];
    if (number !== undefined) sections.push({ number: Number(number), title: heading, rules: [], after: "" });
    else if (section) readLine(line, section);
    else if (title === "" && line.startsWith("# ")) title = line.slice(2);
    else before += `${line}\n`;
  }
  return {
    title,
    before: before.trim(),
    sections: sections.map((section) => ({ ...section, after: section.after.trim() })),
  };
}

/** The policy that this page was built with. */
export const policy: Policy = parsePolicy(markdown);

/** A rule by its id, as `4.1`. */
export function ruleOf(id: string): PolicyRule | undefined {
  return policy.sections.flatMap(({ rules }) => rules).find((rule) => rule.id === id);
}
