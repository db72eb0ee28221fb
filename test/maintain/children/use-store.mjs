/**
 * Makes a store and uses it in every way that makes files.
 *
 * usage: node use-store.mjs STORE SOURCE IMAGE UMASK
 */
import { chmodSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Store } from "#dist/index.js";

const [directory, source, image, umask] = process.argv.slice(2);
process.umask(Number.parseInt(umask, 8));

const store = await Store.open(directory);
const { snapshot } = await store.snapshot(source, { name: "first" });
const overlay = store.overlay(snapshot);
await overlay.writeFile("/new", "new");
await overlay.snapshot();
for (const { name, problem } of await store.drivers()) {
  if (problem !== undefined) continue;
  const workspace = await store.fork(snapshot, { driver: name });
  writeFileSync(join(workspace.path, "in-workspace"), name);
  // A program's own file: what a umask takes from it is nothing of the store's.
  chmodSync(join(workspace.path, "in-workspace"), 0o644);
  await workspace.snapshot();
  await workspace.rollback();
  if (name !== "copy") await workspace.discard();
}
await store.image(snapshot, image);
await store.remove("first", { reparent: true }).catch(() => undefined);
await store.gc();
await store.snapshot(source);
await store.close();
rmSync(join(directory, "catalog.sqlite"));
await Store.repair(directory);
await (await Store.open(directory)).close();
