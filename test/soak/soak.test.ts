/** The soak, as long as the tests can bear it: `npm run soak` goes on for longer. */
import { expect, test } from "vitest";
import { scratchDirectory } from "../support/scratch.js";
import { runScript } from "../support/script.js";

test("snapshots outlive the death of writers, a collector and a verifier, at any moment", async () => {
  const script = new URL("soak.mjs", import.meta.url);
  const args = ["--kills", "16", "--writers", "2", "--directory", scratchDirectory()];
  const { stdout, stderr, exitCode } = await runScript(script, args);
  expect(stderr).toBe("");
  expect(exitCode).toBe(0);
  const sums = JSON.parse(stdout.trim().split("\n").at(-1)!) as Record<string, number>;
  console.log(stdout.trim().split("\n").at(-1));
  expect(sums.killed).toBe(16);
  for (const what of ["acknowledged", "removed", "collections", "verifications", "left"])
    expect(sums[what], what).toBeGreaterThan(0);
});
