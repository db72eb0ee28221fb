/**
 * A data set is made once in the bench directory, stamped, and reused by every later run.
 * It is made under another name and renamed when whole, so that an interrupted run never
 * leaves half of one behind.
 */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { measureTree } from "../measure/measure-tree.mjs";

/**
 * @typedef {object} DataSet
 * @property {string} name a directory of that name holds it
 * @property {string} description what it is, for the report
 * @property {() => string} recipe what it is made from: another recipe means it is made anew
 * @property {(directory: string) => void} make fills the directory, which exists and is empty
 */

/**
 * @typedef {object} DataFigures
 * @property {string} name
 * @property {string} description
 * @property {string} path
 * @property {number} files
 * @property {number} directories
 * @property {number} bytes sum of the sizes of the regular files
 */

/**
 * Returns the directory that the benchmarks use for data, stores and results:
 * `COPPICE_BENCH_DIR`, or `coppice-bench` in the system's directory for temporary files.
 */
export function benchDirectory() {
  return resolve(process.env["COPPICE_BENCH_DIR"] ?? join(tmpdir(), "coppice-bench"));
}

/**
 * Makes the data set unless it is there already, and returns where it lies and how large it is.
 * @param {DataSet} dataSet
 * @returns {DataFigures}
 */
export function ensureDataSet(dataSet) {
  const data = join(benchDirectory(), "data");
  const path = join(data, dataSet.name);
  const stampPath = `${path}.stamp.json`;
  const recipe = dataSet.recipe();
  const stamp = readStamp(stampPath);
  if (stamp?.recipe === recipe) return { ...stamp.figures, path };

  process.stderr.write(`making ${dataSet.name}: ${dataSet.description}\n`);
  const partial = `${path}.partial`;
  rmSync(stampPath, { force: true });
  for (const old of [partial, path]) rmSync(old, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  dataSet.make(partial);
  renameSync(partial, path);
  const figures = { name: dataSet.name, description: dataSet.description, ...measureTree(path) };
  writeFileSync(stampPath, JSON.stringify({ recipe, figures }, undefined, 2));
  return { ...figures, path };
}

/**
 * @param {string} path
 * @returns {{ recipe: string, figures: Omit<DataFigures, "path"> } | undefined}
 */
function readStamp(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    // Absent or cut short: either way the data set is made anew.
    return undefined;
  }
}
