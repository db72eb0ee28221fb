/**
 * Resolve conflicts: by lines where that is possible, then as the caller says, then by the strategy.
 */
import type { ReportedPath } from "../model/reported-path.js";
import { reportedPath } from "../model/reported-path.js";
import type { Turns } from "../threads/in-turns.js";
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
  /** Does long work. */
  readonly turns: Turns;
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
  { strategy, onConflict, signal, turns }: Deciders,
): Promise<Resolutions> {
  const lines: LinesOf = (conflict, isUnion) => linesOf(objects, turns, conflict, isUnion);
  const byLines: ReportedPath[] = [];
  const resolved: ResolvedConflict[] = [];
  const open: FoundConflict[] = [];
  for (const each of found) {
    signal?.throwIfAborted();
    const conflict = await mergeByLines(lines, settling, each);
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
      resolution: await resolve(lines, settling, conflict, checkedResolution(resolution)),
      by: said === undefined ? "strategy" : "onConflict",
    });
  }
  return { byLines, resolved, open };
}

/** Returns the lines of both sides; `undefined` where they are no texts, or cannot be merged. */
type LinesOf = (conflict: FoundConflict, isUnion: boolean) => Promise<Buffer | undefined>;

/** Returns the conflict that is left, if one is. */
async function mergeByLines(
  lines: LinesOf,
  settling: Settling,
  conflict: FoundConflict,
): Promise<FoundConflict | undefined> {
  const { path, kind, base, ours, theirs } = conflict;
  if (kind !== "content" || base === undefined || ours === undefined || theirs === undefined)
    return conflict;
  const bytes = await lines(conflict, false);
  if (bytes === undefined) return conflict;
  const merged = mergedBytes(settling, conflict, bytes);
  // Of which content it takes the attributes makes no difference.
  const entry = mergeEntries(base, { ...ours, ...merged }, { ...theirs, ...merged }, true);
  if (typeof entry === "string") return { ...conflict, kind: "attributes", merged };
  settling.edits.put(path, encodeEntry({ ...entry, ...merged }), settling.sides.ours.entry);
  return undefined;
}

/** @returns what became of it */
async function resolve(
  lines: LinesOf,
  settling: Settling,
  conflict: FoundConflict,
  resolution: MergeResolution,
): Promise<ResolvedConflict["resolution"]> {
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
  const bytes = await lines(conflict, true);
  if (bytes !== undefined) {
    settleBytes(settling, conflict, bytes);
    return "union";
  }
  const side = conflict.kind === "deleted-in-ours" ? "theirs" : "ours";
  settleConflict(settling, conflict, side);
  return side;
}

async function linesOf(
  objects: ObjectSource,
  turns: Turns,
  { kind, base, ours, theirs }: FoundConflict,
  isUnion: boolean,
): Promise<Buffer | undefined> {
  if (kind !== "content" && kind !== "added") return undefined;
  if (ours?.kind !== "file" || theirs?.kind !== "file") return undefined;
  const [first, second, third] = [base, ours, theirs].map((each) => textOf(objects, each));
  if (first === undefined || second === undefined || third === undefined) return undefined;
  // Most merges have no text that both sides changed, and do not wait until this is loaded.
  const { mergeLines } = await import("./merge-lines.js");
  return turns(mergeLines({ base: first, ours: second, theirs: third }, isUnion));
}

function checkedResolution(resolution: MergeResolution): MergeResolution {
  const isSide = ["base", "ours", "theirs", "union"].includes(resolution as string);
  const content = (resolution as { content?: unknown }).content;
  if (isSide || content instanceof Uint8Array) return resolution;
  throw new TypeError(
    'Cannot resolve a conflict: give "base", "ours", "theirs", "union", { content } with bytes, or nothing',
  );
}
