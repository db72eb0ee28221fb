import type { CaptureReport, RestoreReport } from "../../index.js";
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
