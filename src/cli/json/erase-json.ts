import type { EraseReport } from "../../index.js";
import { pathJson, pathListJson } from "./path-json.js";

/** Returns what JSON tells of an erasure. */
export function eraseReportJson({ snapshots, standing, ...report }: EraseReport) {
  return {
    ...report,
    snapshots: snapshots.map(({ name, paths, ...each }) => ({
      ...each,
      name: name ?? null,
      paths: pathListJson(paths),
    })),
    standing: { count: standing.count, paths: standing.paths.map(pathJson) },
  };
}
