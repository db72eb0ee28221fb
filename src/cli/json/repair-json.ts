import type { RepairedSnapshot, RepairReport } from "../../index.js";
import { affectedJson } from "./verify-json.js";

/** Returns what JSON tells of a repair. */
export function repairJson(report: RepairReport) {
  return {
    ...report,
    recovered: report.recovered.map(snapshotJson),
    unnamed: report.unnamed.map(snapshotJson),
    lost: report.lost.map(snapshotJson),
    degraded: report.degraded.map(affectedJson),
  };
}

function snapshotJson({ id, name, source, createdAt }: RepairedSnapshot) {
  return { id, name: name ?? null, source, createdAt: createdAt.toISOString() };
}
