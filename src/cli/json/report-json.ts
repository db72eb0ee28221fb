import type {
  ApplyReport,
  CaptureReport,
  ImageFileReport,
  ImportResult,
  MergeReport,
  RestoreReport,
} from "../../index.js";
import { changeJson } from "./change-json.js";
import { conflictJson } from "./conflict-json.js";
import { pathJson, pathListJson } from "./path-json.js";

/** Returns what JSON tells of a capture. */
export function captureReportJson(report: CaptureReport) {
  return {
    ...report,
    excluded: pathListJson(report.excluded),
    unreadable: pathListJson(report.unreadable),
    skipped: pathListJson(report.skipped),
    changed: pathListJson(report.changed),
  };
}

/** Returns what JSON tells of a restore; the snapshot of what stood before is told beside it. */
export function restoreReportJson({ undo: _, ...report }: RestoreReport) {
  return { ...report, changes: report.changes.map(pathJson), kept: report.kept.map(pathJson) };
}

/** Returns what JSON tells of an application; the snapshots are told beside it. */
export function applyReportJson({ snapshot: _, base: __, conflicts, ...report }: ApplyReport) {
  return { ...restoreReportJson(report), conflicts: conflicts.map(conflictJson) };
}

/** Returns what JSON tells of a merge; the snapshots are told beside it. */
export function mergeReportJson({ base: _, ours: __, theirs: ___, ...report }: MergeReport) {
  return {
    ...report,
    changes: report.changes.map(changeJson),
    byLines: report.byLines.map(pathJson),
    renames: report.renames.map((each) => ({ ...pathJson(each), from: pathJson(each.from) })),
    resolved: report.resolved.map(pathJson),
    conflicts: report.conflicts.map(conflictJson),
  };
}

/** Returns what JSON tells of an image; its path is told beside it. */
export function imageReportJson({ path: _, ...report }: ImageFileReport) {
  const { count, xattrs } = report.omittedXattrs;
  return { ...report, omittedXattrs: { count, xattrs: xattrs.map(pathJson) } };
}

/** Returns what JSON tells of an archive that was imported. */
export function importReportJson(report: ImportResult["report"]) {
  const { count, parts } = report.dropped;
  return { ...report, dropped: { count, parts: parts.map(pathJson) } };
}
