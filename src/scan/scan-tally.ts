/**
 * Scan tally: what threads did, counted for the report. Plain data.
 */
import type { PathList, PathListDraft } from "../model/capture-report.js";
import { addPaths, emptyPathList } from "../model/capture-report.js";
import type { Posted } from "../threads/posted.js";
import { receivedBytes } from "../threads/posted.js";

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

/** Adds one tally to another, which may come from another thread. */
export function addTally(sum: ScanTally, more: Posted<ScanTally>): void {
  sum.filesRead += more.filesRead;
  sum.bytesRead += more.bytesRead;
  sum.unchanged += more.unchanged;
  for (const list of ["excluded", "unreadable", "skipped", "changed"] as const)
    addPaths(sum[list], receivedPaths(more[list]));
}

function receivedPaths({ count, paths }: Posted<PathList>): PathList {
  const received = paths.map(({ pathBytes, ...each }) =>
    pathBytes === undefined ? each : { ...each, pathBytes: receivedBytes(pathBytes) },
  );
  return { count, paths: received };
}
