/**
 * The stage: runs the acts of the demo and shows what each did and how long it took.
 */
import { describeChange } from "#dist/cli/output/describe-change.js";
import { formatBytes } from "#dist/cli/output/format-bytes.js";
import { formatCount } from "#dist/cli/output/format-count.js";
import { formatDuration } from "#dist/cli/output/format-duration.js";
import { showProgress } from "#dist/cli/output/show-progress.js";
import { styleFor } from "#dist/cli/output/style.js";
import { withoutTouchedDirectories } from "#dist/cli/without-touched-directories.js";
import { spaceChart, timeChart } from "./charts.mjs";

/** So many changes are shown. */
const CHANGES_MAX = 12;
const TITLE_COLUMNS = 36;

/** @typedef {import("coppice").Store} Store */
/** @typedef {import("coppice").Snapshot} Snapshot */

export class Stage {
  /** Whether every comparison until now held. */
  isAllEqual = true;
  #style = styleFor(process.stdout);
  #signal;
  /** @type {import("./charts.mjs").Act[]} */
  #acts = [];
  /** @type {import("./charts.mjs").Growth[]} */
  #growths = [];

  /** @param {AbortSignal} signal ends the act that is on */
  constructor(signal) {
    this.#signal = signal;
  }

  /**
   * @param {string} source
   * @param {string} scratch
   */
  open(source, scratch) {
    this.say(`${this.#style("bold", "Coppice")}  ${source}`);
    this.say(this.#style("dim", `         works in ${scratch}, which is removed at the end`));
    this.say("");
  }

  /**
   * @param {string} title
   * @param {Store} store
   * @param {string} directory
   * @param {{ name: string, parent?: string }} options
   */
  async capture(title, store, directory, options) {
    const { snapshot, report } = await this.#act(title, (long) =>
      store.snapshot(directory, { ...options, ...long }),
    );
    this.#growths.push({ name: options.name, bytes: report.bytesStored });
    const entries = `${formatCount(report.entries)} entries, ${formatBytes(report.totalBytes)}`;
    this.#result(
      entries,
      `${formatBytes(report.bytesRead)} read, ${formatBytes(report.bytesStored)} stored`,
    );
    return snapshot;
  }

  /**
   * @param {string} title
   * @param {Store} store
   * @param {Snapshot} snapshot
   * @param {string} directory
   */
  async restore(title, store, snapshot, directory) {
    const { actions, bytesWritten } = await this.#act(title, (long) =>
      store.restore(snapshot, directory, long),
    );
    const touched = Object.values(actions).reduce((sum, count) => sum + count, 0);
    this.#result(`${formatCount(touched)} entries touched`, `${formatBytes(bytesWritten)} written`);
  }

  /**
   * @param {string} title
   * @param {Store} store
   * @param {Snapshot} before
   * @param {Snapshot} after
   */
  async diff(title, store, before, after) {
    const changes = await this.#act(title, async () => {
      const found = [];
      for await (const change of store.diff(before, after)) found.push(change);
      return found;
    });
    const shown = withoutTouchedDirectories(changes);
    this.#result(`${formatCount(shown.length)} changes`);
    for (const change of shown.slice(0, CHANGES_MAX))
      this.say(`      ${describeChange(change, this.#style)}`);
    if (shown.length > CHANGES_MAX)
      this.say(`      and ${formatCount(shown.length - CHANGES_MAX)} more`);
  }

  /**
   * @param {string} title
   * @param {string[]} edits
   */
  edit(title, edits) {
    this.say(`${this.#style("green", "✔")} ${title}`);
    for (const edit of edits) this.say(this.#style("dim", `      ${edit}`));
  }

  /**
   * @param {import("./compare-directories.mjs").Comparison} comparison
   * @param {string} what
   */
  check({ isEqual, differences }, what) {
    if (isEqual) {
      this.say(
        `${this.#style("green", "  =")} ${this.#style("dim", `diff and find see no difference between ${what}`)}`,
      );
      return;
    }
    this.isAllEqual = false;
    this.say(this.#style("red", `✘ diff and find tell ${what} apart:`));
    for (const line of differences) this.say(`      ${line}`);
  }

  /** @param {import("coppice").StoreStats} stats */
  close(stats) {
    this.say(
      "",
      ...timeChart(this.#acts, this.#style),
      "",
      ...spaceChart(stats, this.#growths, this.#style),
      "",
    );
    this.say(
      this.isAllEqual
        ? this.#style(["green", "bold"], "Everything was restored as it was.")
        : this.#style(["red", "bold"], "Something was not restored as it was: see above."),
    );
  }

  /** @param {string[]} lines */
  say(...lines) {
    for (const line of lines) console.log(line);
  }

  /**
   * @template T
   * @param {string} title
   * @param {(long: { signal: AbortSignal, onProgress?: import("coppice").OnProgress }) => Promise<T>} work
   * @returns {Promise<T>}
   */
  async #act(title, work) {
    const display = await showProgress(
      process.stderr.isTTY ? process.stderr : undefined,
      undefined,
    );
    const startMs = performance.now();
    try {
      return await work({ signal: this.#signal, onProgress: display.onProgress });
    } finally {
      display.stop();
      this.#acts.push({ title, durationMs: performance.now() - startMs });
    }
  }

  /** @param {string[]} results of the last act */
  #result(...results) {
    const act = this.#acts.at(-1);
    const title = (act?.title ?? "").padEnd(TITLE_COLUMNS);
    const time = formatDuration(act?.durationMs ?? 0).padStart(9);
    this.say(
      `${this.#style("green", "✔")} ${title}${this.#style("bold", time)}   ${results.join(", ")}`,
    );
  }
}
