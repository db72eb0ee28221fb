/** Calls on an overlay and on a real directory: the same results, the same errors, and the same files in the end. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, onTestFinished } from "vitest";
import { Store } from "#dist/index.js";
import { scratchDirectory } from "../support/scratch.js";
import { testIf } from "../tooling/test-if.js";
import { callsOf, fileCall } from "./call-arbitraries.js";
import { FileCalls } from "./children/file-calls.mjs";
import { RealFiles, realFilesNeed } from "./real-files.js";

testIf(realFilesNeed, "each call does the same in an overlay as in a real directory", async () => {
  const scratch = scratchDirectory();
  const directory = join(scratch, "directory");
  mkdirSync(directory);
  const store = await Store.open(join(scratch, "store"));
  onTestFinished(() => store.close());
  const real = await RealFiles.start(directory);
  await fc.assert(
    fc.asyncProperty(callsOf(fileCall, 60), async (calls) => {
      await real.reset();
      const overlay = new FileCalls(store.overlay());
      const all = [...calls, ["everything"] as const];
      const expected = await real.calls(all);
      for (const [index, each] of all.entries())
        expect([each, await overlay.call(each)]).toEqual([each, expected[index]]);
      await overlay.close();
    }),
    { numRuns: 300 },
  );
});
