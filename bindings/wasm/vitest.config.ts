import { defineConfig } from "vitest/config";

// The tests run against dist/, by the package's own name: build first. The lab is the one of this repository.
export default defineConfig({
  test: { include: ["tests/**/*.test.ts"], globalSetup: ["tests/lab.ts"], testTimeout: 120_000 },
});
