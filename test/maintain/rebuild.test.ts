/** A catalog that is made anew says of each snapshot what the old one said. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { Store } from "#dist/index.js";
import { editedDirectory } from "../engine/edited-directory.js";
import { open } from "./sound-store.js";

test("lineage and erasures come back although the clock went back between snapshots", async () => {
  const { store, snapshot, edit } = await editedDirectory("echo 1 >f; echo secret >g");
  const now = vi.spyOn(Date, "now");
  onTestFinished(() => now.mockRestore());
  const take = async (createdMs: number, parent?: string) => {
    now.mockReturnValue(createdMs);
    await edit(`echo ${createdMs} >f`);
    return await snapshot({ ...(parent !== undefined && { parent }) });
  };
  const first = await take(5_000_000_000_000);
  const second = await take(4_000_000_000_000, first.id);
  await take(4_500_000_000_000, second.id);
  now.mockRestore();
  await store.erase({ paths: ["g"] });
  const before = await store.snapshots();
  await store.close();
  rmSync(join(store.directory, "catalog.sqlite"));
  await Store.repair(store.directory);
  const repaired = await open(store.directory);
  const described = ({ id, digest, parents, erasedAt }: (typeof before)[number]) => ({
    ...{ id, digest, parents, erasedAt },
  });
  expect((await repaired.snapshots()).map(described)).toEqual(before.map(described));
  expect(before.every(({ erasedAt }) => erasedAt !== undefined)).toBe(true);
});
