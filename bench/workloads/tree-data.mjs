/** Gets the data of a workload ready: made, and in a warm run also read once. */
import { ensureDataSet } from "../data/data-set.mjs";
import { dataSets } from "../data/data-sets.mjs";
import { readTreeOnce } from "../measure/measure-tree.mjs";

/**
 * Returns the path of a data set, which is in the page cache unless the run is a cold one.
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
  if (!bench.options.cold) readTreeOnce(figures.path);
  return figures.path;
}
