/**
 * What a restore did, or would do.
 */
import type { EntryKind } from "../model/entry.js";
import { REPORT_LIST_MAX } from "../model/limits.js";
import type { ReportedPath } from "../model/reported-path.js";
import { reportedPath } from "../model/reported-path.js";
import { pathOfNames } from "../model/tree-path.js";
import type { Snapshot } from "../snapshot/snapshot.js";
import type { Aspect } from "../tree/entry-difference.js";
import type { DirectoryStep } from "./restore-step.js";

/** What happens to a path: `mkdir` and `attributes` are for directories. */
export type RestoreAction =
  | "create"
  | "replace"
  | "update"
  | "remove"
  | "link"
  | "mkdir"
  | "attributes";

/** One change to the target directory. */
export interface RestoreChange extends ReportedPath {
  /** What is done to the path; see `aspects` for what an `update` sets. */
  readonly action: RestoreAction;
  /** Relative to the target; empty for itself. Bytes that are not UTF-8 show as U+FFFD. */
  readonly path: string;
  /** What the snapshot has there; of a `remove`, what stood there. */
  readonly kind: EntryKind;
  /** Of an update: what is set. */
  readonly aspects?: readonly Aspect[];
}

/** The account of one restore. */
export interface RestoreReport {
  /** How often each action was taken, or would be. */
  readonly actions: Readonly<Record<RestoreAction, number>>;
  /** The changes: all of them for a plan, else the first 1,000. */
  readonly changes: readonly RestoreChange[];
  /** Sum of the sizes of the files that were written. */
  readonly bytesWritten: number;
  /** Directories that should be gone but hold something that no scan saw: excluded names, sockets, what came meanwhile. */
  readonly kept: readonly ReportedPath[];
  /** What this machine or user could not restore, and why. */
  readonly limits: readonly string[];
  /** The snapshot of what stood there before, where `undo` asked for one. */
  readonly undo?: Snapshot;
  /** Milliseconds on a monotonic clock, with fractions; the scan and the `undo` capture are counted. */
  readonly durationMs: number;
}

/** A report in the making. */
export class RestoreReportDraft {
  readonly #startedMs = performance.now();
  readonly #listMax: number;
  readonly #actions: Record<RestoreAction, number> = {
    create: 0,
    replace: 0,
    update: 0,
    remove: 0,
    link: 0,
    mkdir: 0,
    attributes: 0,
  };
  readonly #changes: RestoreChange[] = [];
  readonly #kept: ReportedPath[] = [];
  readonly #limits = new Set<string>();
  bytesWritten = 0;
  undo: Snapshot | undefined;

  /** @param isPlan whether every change is listed */
  constructor(isPlan: boolean) {
    this.#listMax = isPlan ? Number.POSITIVE_INFINITY : REPORT_LIST_MAX;
  }

  /** Books what is done in a directory. */
  addStep({ names, isNew, steps, attributes }: DirectoryStep): void {
    if (isNew) this.#add("mkdir", names, undefined, "directory");
    for (const step of steps) {
      const aspects = step.action === "update" ? step.aspects : undefined;
      this.#add(step.action, names, step.entry.name, step.entry.kind, aspects);
    }
    if (attributes !== undefined && !isNew) this.#add("attributes", names, undefined, "directory");
  }

  addKept(names: readonly Buffer[]): void {
    this.#kept.push(reportedPath(pathOfNames(names)));
  }

  addLimit(limit: string): void {
    this.#limits.add(limit);
  }

  finish(): RestoreReport {
    return {
      actions: this.#actions,
      changes: this.#changes,
      bytesWritten: this.bytesWritten,
      kept: this.#kept,
      limits: [...this.#limits],
      ...(this.undo === undefined ? {} : { undo: this.undo }),
      durationMs: performance.now() - this.#startedMs,
    };
  }

  #add(
    action: RestoreAction,
    directory: readonly Buffer[],
    name: Buffer | undefined,
    kind: EntryKind,
    aspects?: readonly Aspect[],
  ): void {
    this.#actions[action]++;
    if (this.#changes.length >= this.#listMax) return;
    const path = pathOfNames(name === undefined ? directory : [...directory, name]);
    this.#changes.push({
      action,
      ...reportedPath(path),
      kind,
      ...(aspects === undefined ? {} : { aspects }),
    });
  }
}
