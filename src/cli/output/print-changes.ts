import type { Change } from "../../index.js";
import { withoutTouchedDirectories } from "../without-touched-directories.js";
import { describeChange, summarizeChanges } from "./describe-change.js";
import type { Output } from "./output.js";

/** Prints changes for people, with a sum at the end. */
export async function printChanges(
  output: Output,
  changes: readonly Change[],
  isAll: boolean,
): Promise<void> {
  const shown = isAll ? changes : withoutTouchedDirectories(changes);
  for (const change of shown) await output.print(describeChange(change, output.style));
  if (shown.length > 0) await output.print("", summarizeChanges(shown, output.style));
}
