/** A merge gives others their turn, and ends when it is told to. */
import { expect, test } from "vitest";
import { threeStates } from "./three-states.js";

test.each([
  ["texts", "seq 100000 >f", "sed -i 1s/1/one/ f", "sed -i '$s/1/last/' f"],
  ["many names", "mkdir d; seq -f d/%g 5000 | xargs touch", "chmod 600 d/*", "touch -d @1 d/*"],
])("%s are merged in turns with the event loop", async (_, base, our, their) => {
  const { store, ours, theirs } = await threeStates(base, our, their);
  // What is loaded when it is first needed gives turns, too.
  await store.merge({ ours, theirs, plan: true });
  let turns = 0;
  const tick = setImmediate(() => turns++);
  await store.merge({ ours, theirs, plan: true });
  clearImmediate(tick);
  expect(turns).toBe(1);

  const before = await store.stats();
  const controller = new AbortController();
  setImmediate(() => controller.abort());
  const merging = store.merge({ ours, theirs, signal: controller.signal });
  await expect(merging).rejects.toMatchObject({ code: "ABORTED" });
  expect(await store.stats()).toEqual(before);
});
