/**
 * Makes the image that bare mounts show, with Coppice: `node make-bare-image.mjs STORE TREE`. Forks the tree once and
 * takes the workspace away again; what stays is a store with the image in its cache.
 */
import { Store } from "coppice";

const [directory = "", tree = ""] = process.argv.slice(2);
const store = await Store.open(directory);
try {
  const { snapshot } = await store.snapshot(tree, { name: "base" });
  const workspace = await store.fork(snapshot, { driver: "overlayfs" });
  await workspace.discard();
} finally {
  await store.close();
}
