/** All data sets, by name. */
import { chunkRows } from "./chunk-rows.mjs";
import { flatDirectory } from "./flat-directory.mjs";
import { generatedTree } from "./generated-tree.mjs";
import { nodeModules } from "./node-modules.mjs";
import { largeRandomFile, smallRandomFile } from "./random-file.mjs";
import { sources } from "./sources.mjs";

/** @type {ReadonlyMap<string, import("./data-set.mjs").DataSet>} */
export const dataSets = new Map(
  [
    nodeModules,
    generatedTree,
    sources,
    flatDirectory,
    smallRandomFile,
    largeRandomFile,
    chunkRows,
  ].map((dataSet) => [dataSet.name, dataSet]),
);
