/** Overlays that are written to, forked and restored while snapshots of them are under way. */
import { join } from "node:path";
import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import type { Overlay, Snapshot } from "#dist/index.js";
import { Store } from "#dist/index.js";
import { scratchDirectory } from "../support/scratch.js";

/** What is in an overlay, by its path. */
type Files = ReadonlyMap<string, string>;

/** An overlay, and what must be in it. */
interface Modelled {
  readonly overlay: Overlay;
  files: Files;
}

const path = fc.constantFrom("/a", "/b", "/large", "/c");
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant("write"), pick: fc.nat(9), path, by: fc.nat(99) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("append"), pick: fc.nat(9), path, by: fc.nat(99) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("remove"), pick: fc.nat(9), path, by: fc.nat(99) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom("snapshot", "fork"),
      pick: fc.nat(9),
      path,
      by: fc.nat(99),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("wait"), pick: fc.nat(9), path, by: fc.nat(99) }),
  },
);

test("a snapshot is the state at its call, whatever is written while it is under way", async () => {
  const store = await Store.open(join(scratchDirectory(), "store"));
  onTestFinished(() => store.close());
  const { snapshot: base } = await store.overlay().snapshot();
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(fc.array(step, { maxLength: 12, size: "max" }), { minLength: 2, maxLength: 3 }),
      async (scheduler, lists) => {
        const modelled: Modelled[] = [{ overlay: base.overlay(), files: new Map() }];
        const underWay: Promise<void>[] = [];
        const act = (each: (typeof lists)[number][number]): void => {
          const one = modelled[each.pick % modelled.length] as Modelled;
          const { overlay } = one;
          const before = one.files.get(each.path) ?? "";
          // Longer than what is done at once: others get their turn in the middle of it.
          const text = String(each.by).repeat(each.path === "/large" ? 300_000 : 10);
          if (each.do === "write") {
            overlay.sync.writeFileSync(each.path, text);
            one.files = new Map(one.files).set(each.path, text);
          } else if (each.do === "append") {
            overlay.sync.appendFileSync(each.path, "more");
            one.files = new Map(one.files).set(each.path, `${before}more`);
          } else if (each.do === "remove") {
            overlay.sync.rmSync(each.path, { force: true });
            one.files = new Map([...one.files].filter(([name]) => name !== each.path));
          } else if (each.do === "fork") {
            modelled.push({ overlay: overlay.fork(), files: one.files });
          } else if (each.do === "snapshot") {
            const { files } = one;
            const taken = overlay.snapshot({ durability: "relaxed" });
            underWay.push(taken.then(({ snapshot }) => expectFiles(snapshot, files)));
          }
        };
        const sequences = lists.map((list) =>
          scheduler.scheduleSequence(
            list.map((each, index) => ({
              label: `${index} ${each.do}`,
              builder: async () => {
                if (each.do === "wait") await Promise.all(underWay);
                else act(each);
              },
            })),
          ),
        );
        await scheduler.waitAll();
        await Promise.all(sequences.map(({ task }) => task));
        await Promise.all(underWay);
        for (const { overlay, files } of modelled) {
          expect(filesOf(overlay)).toEqual(files);
          const { snapshot } = await overlay.snapshot({ durability: "relaxed" });
          await expectFiles(snapshot, files);
          expect(filesOf(snapshot.overlay())).toEqual(files);
        }
      },
    ),
    { numRuns: 60 },
  );
});

test("who is restored while a snapshot is under way rolls back to what it was restored to", async () => {
  const store = await Store.open(join(scratchDirectory(), "store"));
  onTestFinished(() => store.close());
  const overlay = store.overlay();
  const { snapshot: empty } = await overlay.snapshot();
  await overlay.writeFile("/a", "a");
  const later = overlay.snapshot();
  await overlay.restore(empty);
  const { snapshot } = await later;
  expect((await snapshot.readFile("a")).toString()).toBe("a");
  expect(overlay.head?.id).toBe(empty.id);
  await overlay.writeFile("/b", "b");
  await overlay.rollback();
  expect(await overlay.readdir("/")).toEqual([]);
});

function filesOf(overlay: Overlay): Files {
  const names = overlay.sync.readdirSync("/") as string[];
  return new Map(names.map((name) => [`/${name}`, String(overlay.sync.readFileSync(`/${name}`))]));
}

async function expectFiles(snapshot: Snapshot, files: Files): Promise<void> {
  const names = (await snapshot.readdir("")).map(({ name }) => `/${name}`);
  expect(names).toEqual([...files.keys()].sort());
  for (const [name, text] of files)
    expect((await snapshot.readFile(name.slice(1))).toString() === text).toBe(true);
}
