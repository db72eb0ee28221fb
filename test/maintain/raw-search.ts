/** Looking for bytes in everything that lies below a directory. */
import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Returns the files below a directory that have some bytes in them, and what else tells of them: names. */
export function filesWith(directory: string, bytes: Buffer): string[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" }).filter((name) => {
    const path = join(directory, name);
    return lstatSync(path).isFile() && readFileSync(path).includes(bytes);
  });
}
