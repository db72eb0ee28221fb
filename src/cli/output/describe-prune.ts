/**
 * Describe prune: which snapshots a policy removed and kept, for people.
 */
import type { PrunedSnapshot, PruneReport } from "../../index.js";
import { durationText } from "../quantities.js";
import { countOf } from "./count-of.js";
import { escapeText } from "./escape-text.js";
import { formatBytes } from "./format-bytes.js";
import { formatTable } from "./format-table.js";
import { formatTime } from "./format-time.js";
import type { Style } from "./style.js";

/** Returns a table of all snapshots, and what came of it. */
export function describePrune(report: PruneReport, style: Style): string[] {
  const { snapshots, pruned, dryRun, gc, heldBytes } = report;
  const gone = `${countOf(pruned.length, "snapshot")} ${dryRun ? "would go" : "removed"}`;
  const stays = `${snapshots.length - pruned.length} ${dryRun ? "would stay" : "kept"}`;
  const freed = gc === undefined ? "" : `, ${formatBytes(gc.bytesFreed)} freed`;
  return [
    ...formatTable([
      ["", "ID", "CREATED", "NAME", "REASON", "SOURCE"].map((title) => style("dim", title)),
      ...snapshots.map((each) => [
        each.stays ? style("green", "keep") : style("red", dryRun ? "would go" : "removed"),
        style("yellow", each.id),
        formatTime(BigInt(each.createdAt.getTime()) * 1_000_000n),
        each.name === undefined ? style("dim", "-") : style("bold", escapeText(each.name)),
        reasonText(each, report),
        escapeText(each.source),
      ]),
    ]),
    ...(snapshots.length === 0 ? [] : [""]),
    `${gone}, ${stays}${freed}; the packs hold ${formatBytes(heldBytes)}`,
  ];
}

function reasonText({ reason }: PrunedSnapshot, { policy }: PruneReport): string {
  switch (reason) {
    case "pinned":
      return "pinned";
    case "workspace":
      return "a workspace stands on it";
    case "keepLast":
      return `among the last ${policy.keepLast} of its directory`;
    case "keepWithin":
      return `younger than ${durationText(policy.keepWithin ?? 0)}`;
    case "newest":
      return "the newest of its directory";
    case "unconcerned":
      return "nothing says that it goes";
    case "ttl":
      return `older than ${durationText(policy.ttl ?? 0)}`;
    case "maxPerName":
      return `not among the last ${policy.maxPerName} of its series`;
    case "unkept":
      return "nothing keeps it";
    case "maxBytes":
      return `beyond ${formatBytes(policy.maxBytes ?? 0)}`;
  }
}
