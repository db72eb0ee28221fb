import fc from "fast-check";
import { expect } from "vitest";
import { testIf } from "../tooling/test-if.js";
import { callsOf, fileCall } from "./call-arbitraries.js";
import { FileCalls } from "./children/file-calls.mjs";
import { RealFiles, realFilesNeed } from "./real-files.js";

testIf(realFilesNeed, "each call does the same in an overlay as in a real directory", async () => {
  const { real, store } = await RealFiles.besideStore();
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
