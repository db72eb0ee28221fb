/** Gets the data of a workload ready. */
import { ensureDataSet } from "../data/data-set.mjs";
import { dataSets } from "../data/data-sets.mjs";

/**
 * Returns the path of a data set; makes it where it is not there.
 * @param {import("./bench.mjs").Bench} bench
 * @param {string} name
 */
export function treeData(bench, name) {
  const dataSet = dataSets.get(name);
  if (dataSet === undefined) {
    throw new RangeError(`No data set ${name}: there are ${[...dataSets.keys()].join(", ")}`);
  }
  const figures = ensureDataSet(dataSet);
  bench.data.set(name, figures);
  return figures.path;
}
