/**
 * Measures one figure of a file system in memory, in this process, and prints `{"unit", "values"}`:
 *
 *     node --expose-gc measure-in-process.mjs coppice|memfs|just-bash|zenfs|agentfs VERB --directory DIRECTORY
 *         --files FILES [--sync]
 *
 * Where something is missing that the figure needs, it prints `{"skipped": "why"}`. Of many calls it prints 201 of the values, from
 * the lowest to the highest at even distances, so that median and 99th percentile are those of all.
 */
import { parseArgs } from "node:util";
import { quantiles } from "../../measure/statistics.mjs";
import { measures } from "./measures.mjs";
import { bytesAt, fileAt, sizeOfFiles } from "./tree-files.mjs";

const CALLERS = {
  coppice: async () => (await import("./coppice-caller.mjs")).coppiceCaller,
  memfs: async () => (await import("./memfs-caller.mjs")).memfsCaller,
  "just-bash": async () => (await import("./just-bash-caller.mjs")).justBashCaller,
  zenfs: async () => (await import("./zenfs-caller.mjs")).zenfsCaller,
  agentfs: async () => (await import("./agentfs-caller.mjs")).agentfsCaller,
};

const { positionals, values: options } = parseArgs({
  allowPositionals: true,
  options: {
    directory: { type: "string", default: "" },
    files: { type: "string", default: "100" },
    sync: { type: "boolean", default: false },
  },
});
const [kind, verb] = positionals;
const count = Number(options.files);

const makeCaller = await CALLERS[/** @type {keyof typeof CALLERS} */ (kind)]();
const caller = await makeCaller({ directory: options.directory, count });
try {
  if (caller.files !== undefined) await verifyTree();
  const measure = measures[/** @type {keyof typeof measures} */ (verb)];
  const { unit, values, skipped } = await measure(caller, { count, sync: options.sync });
  console.log(
    JSON.stringify(skipped === undefined ? { unit, values: quantiles(values) } : { skipped }),
  );
} finally {
  await caller.close();
}

/** Compares some files with what they must hold. */
async function verifyTree() {
  for (const index of [0, 1, Math.floor(count / 2), count - 1]) {
    const bytes = await caller.files.readFile(fileAt(index));
    if (!bytesAt(index, sizeOfFiles(count)).equals(bytes))
      throw new Error(`${kind} does not hold the tree: the content of ${fileAt(index)}`);
  }
}
