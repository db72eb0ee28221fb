/**
 * Scan tally: what threads did, counted for the report. Plain data.
 */
import type { PathListDraft } from "../model/capture-report.js";
import { addPaths, emptyPathList } from "../model/capture-report.js";

/** What a thread did since it last told. */
export interface ScanTally {
  filesRead: number;
  bytesRead: number;
  unchanged: number;
  excluded: PathListDraft;
  unreadable: PathListDraft;
  skipped: PathListDraft;
  changed: PathListDraft;
}

/** Returns a tally of nothing. */
export function emptyTally(): ScanTally {
  return {
    filesRead: 0,
    bytesRead: 0,
    unchanged: 0,
    excluded: emptyPathList(),
    unreadable: emptyPathList(),
    skipped: emptyPathList(),
    changed: emptyPathList(),
  };
}

/** Adds one tally to another. */
export function addTally(sum: ScanTally, more: ScanTally): void {
  sum.filesRead += more.filesRead;
  sum.bytesRead += more.bytesRead;
  sum.unchanged += more.unchanged;
  addPaths(sum.excluded, more.excluded);
  addPaths(sum.unreadable, more.unreadable);
  addPaths(sum.skipped, more.skipped);
  addPaths(sum.changed, more.changed);
}
