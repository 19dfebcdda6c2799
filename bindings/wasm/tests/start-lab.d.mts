export function startLab(): Promise<{ control: string; stop: () => void }>;
