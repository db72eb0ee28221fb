/** What all workloads share: stores, taking turns, timing, results. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { readTreeOnce } from "../measure/measure-tree.mjs";
import { runCommands } from "../measure/run-commands.mjs";
import { settle } from "../measure/settle.mjs";
import { Results } from "./results.mjs";
import { Scratch } from "./scratch.mjs";

/** @typedef {import("../rivals/rival.mjs").Rival} Rival */
/** @typedef {import("../rivals/rival.mjs").StorePaths} StorePaths */
/** @typedef {import("../measure/run-commands.mjs").Command} Command */

/**
 * @typedef {object} BenchOptions
 * @property {string} directory the bench directory
 * @property {readonly Rival[]} rivals installed ones
 * @property {number} repetitions
 * @property {string} tree name of the data set for capture and restore
 * @property {boolean} cold drop the page cache before each measurement
 * @property {boolean} verify compare what was restored with the original
 */

/**
 * @typedef {object} Workload
 * @property {string} name
 * @property {string} title
 * @property {string} summary what is measured, for the report
 * @property {boolean} isTimed measures times, so that nothing may be removed before it or in it
 * @property {(bench: Bench) => Promise<void>} run
 */

/** One run of some workloads. */
export class Bench {
  /** @readonly */
  results;
  /**
   * Data sets that the run has used, by name.
   * @type {Map<string, import("../data/data-set.mjs").DataFigures>}
   */
  data = new Map();
  #workloadName = "";

  /** @param {BenchOptions} options */
  constructor(options) {
    this.options = options;
    this.results = new Results(options.directory);
    this.scratch = new Scratch(options.directory);
  }

  /**
   * Runs one workload; a failure of it is on record and does not end the run.
   * @param {Workload} workload
   */
  async run(workload) {
    this.#workloadName = workload.name;
    try {
      if (workload.isTimed) await this.scratch.waitForInodes();
      else this.scratch.empty();
      await workload.run(this);
    } catch (error) {
      this.results.fail(workload.name, "", error);
    } finally {
      this.scratch.putAllAside();
    }
  }

  /**
   * Lets each rival have its turn, A B C A B C. One that fails is on record and is left out of
   * the remaining turns.
   * @param {readonly Rival[]} rivals
   * @param {number} repetitions
   * @param {(rival: Rival, repetition: number) => void | Promise<void>} turn
   * @returns {Promise<Rival[]>} those that did not fail
   */
  async takeTurns(rivals, repetitions, turn) {
    const running = new Set(rivals);
    for (let repetition = 0; repetition < repetitions; repetition += 1) {
      for (const rival of [...running]) {
        try {
          await this.scratch.makeRoom();
          await turn(rival, repetition);
        } catch (error) {
          running.delete(rival);
          this.results.fail(this.#workloadName, rival.name, error);
        }
      }
    }
    return [...running];
  }

  /**
   * Makes an empty store of a rival, ready for a capture.
   * @param {Rival} rival
   * @returns {StorePaths}
   */
  makeStore(rival) {
    const root = this.scratch.makeDirectory(rival.name);
    const store = { root, repository: join(root, "repository"), cache: join(root, "cache") };
    for (const path of [store.repository, store.cache]) mkdirSync(path);
    runCommands(rival.prepare(store));
    return store;
  }

  /**
   * Captures a tree, with what the rival needs afterwards, and returns its time in ms.
   * @param {Rival} rival
   * @param {string} tree
   * @param {StorePaths} store
   * @param {string} label "first" for the first capture of a store
   */
  capture(rival, tree, store, label) {
    const again = label === "first" ? undefined : rival.captureAgain?.(tree, store, label);
    const commands = again ?? rival.capture(tree, store, label);
    const { elapsedMs, stdout } = this.time(rival, commands, [store.root, tree]);
    runCommands(rival.afterCapture?.(store, label, stdout) ?? []);
    return elapsedMs;
  }

  /**
   * Runs commands after the disk has settled, and returns their time and what the last one printed.
   *
   * What they will read is read before, unless the run is a cold one: since the last time other rivals have had their
   * turns, and the machine may have given up what it held in memory.
   * @param {Rival} rival
   * @param {readonly Command[]} commands
   * @param {readonly string[]} reads directories
   */
  time(rival, commands, reads) {
    settle(this.scratch.root, this.options.cold);
    if (!this.options.cold) for (const each of reads) readTreeOnce(each);
    const { elapsedMs, stdout } = runCommands(commands);
    if (rival.timesItself !== true) return { elapsedMs, stdout };
    return { elapsedMs: Number(JSON.parse(stdout).elapsedMs), stdout };
  }

  /**
   * Adds one value to the results.
   * @param {string} caseName which figure of the workload
   * @param {Rival} rival
   * @param {import("./results.mjs").Unit} unit
   * @param {number} value
   */
  record(caseName, rival, unit, value) {
    this.results.record(this.#workloadName, caseName, rival, unit, value);
  }
}
