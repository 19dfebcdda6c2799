export const folder: string;
export function list(): { count: number; names: string[] };
export function readEach(names: string[]): Generator<[string, any]>;
export function readAll(): { count: number; files: [string, any][] };
