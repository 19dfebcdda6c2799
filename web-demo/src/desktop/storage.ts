// Storage that may be forbidden, or full: then nothing is kept, and the page works on.

export function kept(storage: "local" | "session", key: string): string | null {
  try {
    return (storage === "local" ? localStorage : sessionStorage).getItem(key);
  } catch {
    return null;
  }
}

export function keep(storage: "local" | "session", key: string, value: string | null): void {
  try {
    const place = storage === "local" ? localStorage : sessionStorage;
    if (value === null) place.removeItem(key);
    else place.setItem(key, value);
  } catch {
    // Only not kept.
  }
}
