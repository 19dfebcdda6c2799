export const folder: URL;
export function readAll(): { count: number; files: [string, any][] };
