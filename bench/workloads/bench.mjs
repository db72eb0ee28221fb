/** What all workloads share: stores, taking turns, timing, results. */
import { mkdirSync, mkdtempSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { readTreeOnce } from "../measure/measure-tree.mjs";
import { runCommands } from "../measure/run-commands.mjs";
import { FileSystems } from "./file-systems.mjs";
import { Ground } from "./ground.mjs";
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
 * @property {readonly string[]} workspaceTrees names of the data sets that are forked
 * @property {number} traceEvents how many events of agents are recorded and asked for
 * @property {import("../rivals/rival.mjs").Durability} durability what Coppice promises
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
  /** @type {Map<string, Ground>} */
  #grounds = new Map();
  #workloadName = "";

  /** @param {BenchOptions} options */
  constructor(options) {
    this.options = options;
    this.results = new Results(options.directory);
    this.scratch = new Scratch(options.directory);
    this.fileSystems = new FileSystems(this.scratch);
  }

  /** Removes all that the run has made, and takes away what it has mounted. */
  close() {
    this.scratch.close();
  }

  /** Returns the trees that are forked, with what rivals have of them. */
  grounds() {
    return this.options.workspaceTrees.map((name) => {
      const ground = this.#grounds.get(name) ?? new Ground(this, name);
      this.#grounds.set(name, ground);
      return ground;
    });
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
   * @template {Rival} R
   * @param {readonly R[]} rivals
   * @param {number} repetitions
   * @param {(rival: R, repetition: number) => void | Promise<void>} turn
   * @returns {Promise<R[]>} those that did not fail
   */
  async takeTurns(rivals, repetitions, turn) {
    const running = new Set(rivals);
    for (let repetition = 0; repetition < repetitions; repetition += 1) {
      for (const rival of [...running]) {
        // Commands run synchronously: a signal is only seen here.
        await nextTurn();
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
   * @param {string} [directory] where, if not in the scratch directory
   * @returns {StorePaths}
   */
  makeStore(rival, directory = this.scratch.root) {
    const store = storePaths(mkdtempSync(join(directory, `${rival.name}-`)));
    for (const path of [store.repository, store.cache]) mkdirSync(path);
    runCommands(rival.prepare(store));
    return store;
  }

  /**
   * Copies a store.
   * @param {StorePaths} store
   * @param {string} directory where
   */
  copyStore(store, directory) {
    const copy = storePaths(mkdtempSync(join(directory, "store-")));
    runCommands([{ argv: ["cp", "-a", `${store.root}/.`, copy.root] }]);
    return copy;
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
    const commands = again ?? rival.capture?.(tree, store, label) ?? [];
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
    this.fileSystems.settle(this.options.cold);
    if (!this.options.cold) for (const each of reads) readTreeOnce(each);
    const { elapsedMs, stdout } = runCommands(commands);
    if (rival.timesItself !== true) return { elapsedMs, stdout };
    return { elapsedMs: Number(JSON.parse(stdout).elapsedMs), stdout };
  }

  /**
   * Measures calls of a rival in one process, after the disk has settled, and returns a value for each, in ms.
   * @param {Rival} rival
   * @param {import("../rivals/rival.mjs").CallVerb} verb
   * @param {import("../rivals/rival.mjs").CallOptions} options
   * @returns {number[]}
   */
  timeCalls(rival, verb, options) {
    const command = rival.workspaces?.calls?.command(verb, options);
    const { stdout } = this.time({ ...rival, timesItself: false }, command ? [command] : [], []);
    return JSON.parse(stdout).valuesMs;
  }

  /**
   * Adds values to the results.
   * @param {string} caseName which figure of the workload
   * @param {Rival} rival
   * @param {import("./results.mjs").Unit} unit
   * @param {readonly number[]} values
   */
  recordAll(caseName, rival, unit, values) {
    this.results.record(this.#workloadName, caseName, rival, unit, values);
  }

  /**
   * Adds one value to the results.
   * @param {string} caseName which figure of the workload
   * @param {Rival} rival
   * @param {import("./results.mjs").Unit} unit
   * @param {number} value
   */
  record(caseName, rival, unit, value) {
    this.recordAll(caseName, rival, unit, [value]);
  }
}

/**
 * @param {string} root
 * @returns {StorePaths}
 */
function storePaths(root) {
  return { root, repository: join(root, "repository"), cache: join(root, "cache") };
}
