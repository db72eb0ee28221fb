/** What is mounted in a directory, as the kernel lists it. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** Returns the mount points below a directory, the last one first. */
export function mountsBelow(directory: string): string[] {
  return readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .map((line) => withoutEscapes(line.split(" ")[4] ?? ""))
    .filter((path) => path.startsWith(`${directory}/`))
    .reverse();
}

/** Unmounts all that is mounted below a directory; what is in use goes when it is not. */
export function unmountBelow(directory: string): void {
  for (const path of mountsBelow(directory)) {
    try {
      execFileSync("umount", [path], { stdio: "ignore" });
    } catch {
      execFileSync("umount", ["--lazy", path]);
    }
  }
}

/** Returns the options of what is mounted on a directory last, as the file system tells them. */
export function mountOptions(directory: string): string | undefined {
  const line = readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .findLast((each) => withoutEscapes(each.split(" ")[4] ?? "") === directory);
  return line?.split(" - ")[1]?.split(" ")[2];
}

/** The kernel writes space, tab, newline and backslash in octal. */
function withoutEscapes(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
}
