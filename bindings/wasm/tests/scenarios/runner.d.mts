type Api = typeof import("@rehome/sip");
type Scenario = any;
export function canonical(value: unknown): string;
export function layOver(base: unknown, over: unknown): unknown;
export class Hash {
  line(text: string): void;
  hex(): string;
}
export function run(api: Api, scenario: Scenario): { hash?: string; failure?: string };
export function record<T = void>(
  api: Api,
  scenario: Scenario,
  look?: (registration: import("@rehome/sip").Registration) => T,
): { config: any; steps: any[]; difference: string | undefined; seen: T };
type Files = Iterable<[string, Scenario]> | AsyncIterable<[string, Scenario]>;
export function runAll(
  api: Api,
  files: Files,
  told?: (done: number) => void,
): Promise<{ hash: string; hashes: [string, string][]; failures: string[]; inputs: number }>;
