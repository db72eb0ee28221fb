/**
 * Tell state: at which snapshot a workspace is now.
 */
import type { Workspace } from "../../index.js";
import { snapshotJson } from "../json/snapshot-json.js";
import { escapeText } from "./escape-text.js";
import type { Output } from "./output.js";

/** Prints it. */
export async function tellState(output: Output, { head, path }: Workspace): Promise<void> {
  if (output.isJson) return output.printJson({ snapshot: snapshotJson(head) });
  const { style } = output;
  await output.print(
    `${style("green", "✔")} ${escapeText(path)} is at ${style("yellow", head.id)}`,
  );
}
