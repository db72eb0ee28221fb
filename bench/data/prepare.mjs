/**
 * Makes the data ahead of a run: `node bench/data/prepare.mjs [NAME...]`. Without names it makes
 * all but the 4 GiB file, which the memory workload makes when it runs.
 */
import { ensureDataSet } from "./data-set.mjs";
import { dataSets } from "./data-sets.mjs";
import { largeRandomFile } from "./random-file.mjs";

const names = process.argv.slice(2);
const wanted =
  names.length > 0 ? names : [...dataSets.keys()].filter((name) => name !== largeRandomFile.name);

for (const name of wanted) {
  const dataSet = dataSets.get(name);
  if (dataSet === undefined) {
    throw new RangeError(`No data set ${name}: there are ${[...dataSets.keys()].join(", ")}`);
  }
  const { files, directories, bytes } = ensureDataSet(dataSet);
  console.log(`${name}: ${files} files, ${directories} directories, ${bytes} bytes`);
}
