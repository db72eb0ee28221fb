/**
 * Config places: whether the configuration files of an agent can be written into its files.
 */
import type { Snapshot } from "../index.js";
import { CoppiceError } from "../model/error.js";
import type { AgentAuth } from "./agent-auth.js";

/**
 * Looks at what stands where files are to be written: they never go through a symbolic link, nor in the place of anything but a
 * regular file.
 *
 * @throws {CoppiceError} INVALID_ARGUMENT
 */
export async function requireConfigPlaces(snapshot: Snapshot, auth: AgentAuth): Promise<void> {
  for (const { path } of auth.configFiles ?? []) {
    const names = path.split("/");
    for (let count = 1; count <= names.length; count++) {
      const place = names.slice(0, count).join("/");
      const kind = await kindOf(snapshot, place);
      if (kind === undefined) break;
      if (kind === (count === names.length ? "file" : "directory")) continue;
      throw new CoppiceError(
        "INVALID_ARGUMENT",
        `Cannot write configuration file ${path}: ${place} is a ${kind}, give another path`,
        { path: place },
      );
    }
  }
}

async function kindOf(snapshot: Snapshot, path: string): Promise<string | undefined> {
  try {
    return (await snapshot.stat(path)).kind;
  } catch (error) {
    if (error instanceof CoppiceError && error.code === "NOT_FOUND") return undefined;
    throw error;
  }
}
