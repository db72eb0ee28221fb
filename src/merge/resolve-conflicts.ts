/**
 * Resolve conflicts: by lines where that is possible, then as the caller says, then by the strategy.
 */
import type { ReportedPath } from "../model/reported-path.js";
import { reportedPath } from "../model/reported-path.js";
import { encodeEntry } from "../tree/entry-codec.js";
import { mergeEntries } from "../tree/merge-entries.js";
import type { ObjectSource } from "../tree/tree-reader.js";
import type {
  FoundConflict,
  MergeConflict,
  MergeConflictKind,
  MergeResolution,
} from "./merge-conflict.js";
import { mergeConflict, textOf } from "./merge-conflict.js";
import { mergeLines } from "./merge-lines.js";
import type { Settling } from "./settle-conflict.js";
import { mergedBytes, settleBytes, settleConflict } from "./settle-conflict.js";

/** What becomes of conflicts that nobody else decides on. */
export type MergeStrategy = "fail" | "ours" | "theirs" | "union";

/** Decides on conflicts, one after the other; `undefined` leaves one to the strategy. */
export type OnConflict = (
  conflict: MergeConflict,
) => MergeResolution | undefined | Promise<MergeResolution | undefined>;

/** A conflict that was decided on. */
export interface ResolvedConflict extends ReportedPath {
  /** What it was. */
  readonly kind: MergeConflictKind;
  /** What became of it; `content`: bytes that were given. A `union` is told as the side that was taken, where both cannot be had. */
  readonly resolution: "base" | "ours" | "theirs" | "union" | "content";
  /** Who said so. */
  readonly by: "onConflict" | "strategy";
}

/** What became of conflicts. */
export interface Resolutions {
  /** Files that were merged line by line, without a conflict. */
  readonly byLines: readonly ReportedPath[];
  readonly resolved: readonly ResolvedConflict[];
  /** Nobody decided on these. */
  readonly open: readonly FoundConflict[];
}

/** Who decides. */
export interface Deciders {
  readonly strategy: MergeStrategy;
  readonly onConflict: OnConflict | undefined;
  readonly signal: AbortSignal | undefined;
}

/**
 * Resolves conflicts as far as that can be done; of the others ours stays.
 *
 * @param found sorted by path
 * @throws {CoppiceError} INVALID_ARGUMENT, CORRUPT; whatever `onConflict` throws
 */
export async function resolveConflicts(
  objects: ObjectSource,
  settling: Settling,
  found: readonly FoundConflict[],
  { strategy, onConflict, signal }: Deciders,
): Promise<Resolutions> {
  const byLines: ReportedPath[] = [];
  const resolved: ResolvedConflict[] = [];
  const open: FoundConflict[] = [];
  for (const each of found) {
    signal?.throwIfAborted();
    const conflict = mergeByLines(objects, settling, each);
    if (conflict !== each) byLines.push(reportedPath(each.path));
    if (conflict === undefined) continue;
    const said = await onConflict?.(mergeConflict(objects, conflict));
    signal?.throwIfAborted();
    const resolution = said ?? (strategy === "fail" ? undefined : strategy);
    if (resolution === undefined) {
      open.push(conflict);
      continue;
    }
    resolved.push({
      ...reportedPath(conflict.path),
      kind: conflict.kind,
      resolution: resolve(objects, settling, conflict, checkedResolution(resolution)),
      by: said === undefined ? "strategy" : "onConflict",
    });
  }
  return { byLines, resolved, open };
}

/** Returns the conflict that is left, if one is. */
function mergeByLines(
  objects: ObjectSource,
  settling: Settling,
  conflict: FoundConflict,
): FoundConflict | undefined {
  const { path, kind, base, ours, theirs } = conflict;
  if (kind !== "content" || base === undefined || ours === undefined || theirs === undefined)
    return conflict;
  const bytes = linesOf(objects, conflict, false);
  if (bytes === undefined) return conflict;
  const merged = mergedBytes(settling, conflict, bytes);
  // Of which content it takes the attributes makes no difference.
  const entry = mergeEntries(base, { ...ours, ...merged }, { ...theirs, ...merged }, true);
  if (typeof entry === "string") return { ...conflict, kind: "attributes", merged };
  settling.edits.put(path, encodeEntry({ ...entry, ...merged }), settling.sides.ours.entry);
  return undefined;
}

/** @returns what became of it */
function resolve(
  objects: ObjectSource,
  settling: Settling,
  conflict: FoundConflict,
  resolution: MergeResolution,
): ResolvedConflict["resolution"] {
  if (typeof resolution !== "string") {
    settleConflict(settling, conflict, resolution);
    return "content";
  }
  if (resolution !== "union") {
    settleConflict(settling, conflict, resolution);
    return resolution;
  }
  // What was renamed twice, or renamed and removed, is there under all its names already.
  if (conflict.kind === "rename") return "union";
  const bytes = linesOf(objects, conflict, true);
  if (bytes !== undefined) {
    settleBytes(settling, conflict, bytes);
    return "union";
  }
  const side = conflict.kind === "deleted-in-ours" ? "theirs" : "ours";
  settleConflict(settling, conflict, side);
  return side;
}

/** Returns the lines of both sides; `undefined` where they are no texts, or cannot be merged. */
function linesOf(
  objects: ObjectSource,
  { kind, base, ours, theirs }: FoundConflict,
  isUnion: boolean,
): Buffer | undefined {
  if (kind !== "content" && kind !== "added") return undefined;
  if (ours?.kind !== "file" || theirs?.kind !== "file") return undefined;
  const [first, second, third] = [base, ours, theirs].map((each) => textOf(objects, each));
  if (first === undefined || second === undefined || third === undefined) return undefined;
  return mergeLines({ base: first, ours: second, theirs: third }, isUnion);
}

function checkedResolution(resolution: MergeResolution): MergeResolution {
  const isSide = ["base", "ours", "theirs", "union"].includes(resolution as string);
  const content = (resolution as { content?: unknown }).content;
  if (isSide || content instanceof Uint8Array) return resolution;
  throw new TypeError(
    'Cannot resolve a conflict: give "base", "ours", "theirs", "union", { content } with bytes, or nothing',
  );
}
