import { defineConfig } from "vitest/config";

// The lab serves dist/ under /page/: addresses are relative.
export default defineConfig({
  base: "./",
  build: {
    target: "es2022",
    rolldownOptions: { input: ["index.html", "policy.html"] },
  },
  // In the stories each test has a lab and a browser of its own; on two cores more than two at a time only wait for
  // each other.
  test: {
    maxWorkers: 2,
    projects: [
      { extends: true, test: { name: "session", include: ["tests/session/**/*.test.ts"], testTimeout: 120_000 } },
      {
        extends: true,
        test: { name: "page", include: ["tests/*.test.ts"], globalSetup: "tests/setup.ts", testTimeout: 180_000 },
      },
    ],
  },
});
