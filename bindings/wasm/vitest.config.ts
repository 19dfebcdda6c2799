import { defineConfig } from "vitest/config";

// The tests run against dist/, by the package's own name: build first.
export default defineConfig({ test: { include: ["tests/**/*.test.ts"], testTimeout: 120_000 } });
