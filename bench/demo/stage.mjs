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
/** Of a terminal of 80. */
const NOTE_COLUMNS = 74;

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
    this.#result(
      `${formatCount(report.entries)} entries`,
      `${formatBytes(report.bytesStored)} stored`,
    );
    this.note(`${formatBytes(report.totalBytes)} in all, ${formatBytes(report.bytesRead)} read`);
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
    this.#result(`${formatCount(touched)} touched`, `${formatBytes(bytesWritten)} written`);
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
   * Tells of each snapshot how it differs from one: the first change of each, and how many more there are.
   * @param {string} title
   * @param {Store} store
   * @param {Snapshot} before
   * @param {readonly Snapshot[]} snapshots
   */
  async diffMany(title, store, before, snapshots) {
    const found = await this.#act(title, async () => {
      const all = [];
      for (const after of snapshots) {
        const changes = [];
        for await (const change of store.diff(before, after)) changes.push(change);
        all.push(withoutTouchedDirectories(changes));
      }
      return all;
    });
    const count = found.reduce((sum, changes) => sum + changes.length, 0);
    this.#result(`${formatCount(count)} changes`);
    for (const [index, [first, ...more]] of found.entries()) {
      const shown = first === undefined ? "nothing" : describeChange(first, this.#style);
      const rest = more.length === 0 ? "" : this.#style("dim", `, and ${more.length} more`);
      this.say(`      ${index + 1}  ${shown}${rest}`);
    }
  }

  /**
   * An act that has no way of its own to be shown.
   * @param {string} title
   * @param {(signal: AbortSignal) => Promise<string[]>} work returns what to say of it
   */
  async time(title, work) {
    this.#result(...(await this.#act(title, ({ signal }) => work(signal))));
  }

  /**
   * Adds a line to what was said of the last act.
   * @param {string} text
   */
  note(text) {
    for (const line of wrap(text, NOTE_COLUMNS)) this.say(this.#style("dim", `      ${line}`));
  }

  /**
   * @param {string} title
   * @param {string[]} edits
   */
  edit(title, edits) {
    this.say(`${this.#style("green", "✔")} ${title}`);
    for (const edit of edits) this.note(edit);
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

/**
 * Returns text in lines of at most so many columns, unless a word is longer.
 * @param {string} text
 * @param {number} columns
 */
function wrap(text, columns) {
  /** @type {string[]} */
  const lines = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > columns) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}
