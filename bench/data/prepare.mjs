/**
 * Makes the data ahead of a run: `node bench/data/prepare.mjs [NAME...]`. Without names it makes
 * all but the 4 GiB file and the catalog of ten million chunks: the workloads that need these make them when they run.
 */
import { chunkRows } from "./chunk-rows.mjs";
import { ensureDataSet } from "./data-set.mjs";
import { dataSets } from "./data-sets.mjs";
import { largeRandomFile } from "./random-file.mjs";

const names = process.argv.slice(2);
const later = [largeRandomFile.name, chunkRows.name];
const wanted =
  names.length > 0 ? names : [...dataSets.keys()].filter((name) => !later.includes(name));

for (const name of wanted) {
  const dataSet = dataSets.get(name);
  if (dataSet === undefined) {
    throw new RangeError(`No data set ${name}: there are ${[...dataSets.keys()].join(", ")}`);
  }
  const { files, directories, bytes } = ensureDataSet(dataSet);
  console.log(`${name}: ${files} files, ${directories} directories, ${bytes} bytes`);
}
