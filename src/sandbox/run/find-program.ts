/**
 * Find program: which file a program's name means, as execvp(3) would find it.
 */
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, resolve } from "node:path";

/**
 * Returns a program's file; `undefined` where there is none that can be run.
 *
 * @param name with a slash in it, a path
 * @param path as `PATH`
 * @param directory the working directory
 */
export function findProgram(name: string, path: string, directory: string): string | undefined {
  const places = name.includes("/") ? [""] : path.split(delimiter).map((each) => each || ".");
  for (const place of places) {
    const file = resolve(directory, place, name);
    try {
      accessSync(file, constants.X_OK);
      if (statSync(file).isFile()) return file;
    } catch {
      // The next one may have it.
    }
  }
  return undefined;
}
