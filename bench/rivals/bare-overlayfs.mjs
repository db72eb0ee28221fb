/**
 * The two mount(2) calls that any tool must at least make for a writable view of an image: one of the image,
 * one of an overlay over it. Through the same binding and with the same options as Coppice, and of the same kind of image; its
 * directories are there before, and nobody writes down what was mounted.
 */
import { fileURLToPath } from "node:url";
import { callsOf } from "./calls/calls-of.mjs";
import { coppiceTraits } from "./coppice.mjs";

const KEEP = fileURLToPath(new URL("calls/make-bare-image.mjs", import.meta.url));

/** @type {import("./rival.mjs").Rival} */
export const bareOverlayfs = {
  name: "bare-overlayfs",
  summary:
    "the two mount(2) calls alone: image and overlay; going back: umount2(2) and the overlay's",
  durability: "nothing synced",
  install: coppiceTraits("full").install,
  version: () => coppiceTraits("full").version() && "of the kernel",
  keepsHistory: false,
  timesItself: true,
  prepare: () => [],
  workspaces: {
    fileSystem: "disk",
    keep: (tree, store) => [{ argv: [process.execPath, KEEP, store.repository, tree] }],
    calls: callsOf("bare-overlayfs", ["fork", "fork-many", "rollback"]),
  },
};
