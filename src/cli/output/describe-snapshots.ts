import type { Snapshot } from "../../index.js";
import { escapeText } from "./escape-text.js";
import type { Style } from "./style.js";

/** Returns a line for each snapshot to which something was done. */
export function describeSnapshots(
  done: string,
  snapshots: readonly Pick<Snapshot, "id" | "name">[],
  style: Style,
): string[] {
  return snapshots.map(({ id, name }) => {
    const named = name === undefined ? "" : ` ${escapeText(name)}`;
    return `${done} ${style("yellow", id)}${named}`;
  });
}
