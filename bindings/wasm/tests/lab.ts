// Starts the lab for the tests that meet real servers: they find its control address in REHOME_LAB.
import { startLab } from "./start-lab.mjs";

export default async function setup(): Promise<() => void> {
  if (process.env.REHOME_LAB) {
    return () => {};
  }
  const { control, stop } = await startLab();
  process.env.REHOME_LAB = control;
  return stop;
}
