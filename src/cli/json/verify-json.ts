import type { AffectedSnapshot, VerifyReport } from "../../index.js";
import { pathListJson } from "./path-json.js";

/** Returns what JSON tells of a verification. */
export function verifyJson({ affected, ...report }: VerifyReport) {
  return { ...report, affected: affected.map(affectedJson) };
}

/** Returns what JSON tells of a snapshot that something is missing of. */
export function affectedJson({ paths, name, ...rest }: AffectedSnapshot) {
  return { ...rest, name: name ?? null, paths: pathListJson(paths) };
}
