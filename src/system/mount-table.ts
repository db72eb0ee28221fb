/**
 * Mount table: what is mounted where, as /proc/self/mountinfo tells it (proc_pid_mountinfo(5)).
 *
 *     36 35 98:0 /root /mount\040point rw,noatime shared:1 master:2 - ext4 /dev/sda rw,errors=remount-ro
 *     id parent device root point options tags ...                  - type source options
 *
 * In every field the kernel writes spaces, tabs, line ends and backslashes as `\` and three octal digits, and in the
 * options of the file system commas too.
 */
import { isUtf8 } from "node:buffer";
import { readFileSync } from "node:fs";
import type { MountOption } from "./mounts.js";
import type { SystemPath } from "./system-path.js";

/** One mount that this process sees. */
export interface Mount {
  /** Given again once the mount is gone. */
  readonly id: number;
  /** The mount that it lies on; its own id at the top. */
  readonly parentId: number;
  /** `major:minor`, of `st_dev` of what is in it. */
  readonly device: string;
  /** Which directory of the file system is mounted: `/` for all of it. */
  readonly root: SystemPath;
  /** Where, from this process's root directory. Several mounts may lie on one point: the last one is seen. */
  readonly mountPoint: SystemPath;
  /** Options of this mount alone: `ro`, `nodev`, `noatime`, ... */
  readonly options: readonly MountOption[];
  /** As in `erofs`, `overlay`. */
  readonly type: string;
  /** A device, an image, or a word. */
  readonly source: SystemPath;
  /** Options of the file system, which all of its mounts share: `upperdir`, several `lowerdir+`, ... */
  readonly fileSystemOptions: readonly MountOption[];
}

/**
 * Returns the mounts that this process sees, or `undefined` where the system does not tell (no Linux, or no /proc).
 * Reads a line for each, in the kernel's order.
 *
 * @example
 * const uppers = readMounts()
 *   ?.filter(({ type }) => type === "overlay")
 *   .map(({ fileSystemOptions }) => fileSystemOptions.find(([name]) => name === "upperdir")?.[1]);
 */
export function readMounts(): Mount[] | undefined {
  let table: string;
  try {
    table = readFileSync("/proc/self/mountinfo", "latin1");
  } catch {
    return undefined;
  }
  return parseMounts(table);
}

/**
 * Returns the mounts of a table.
 *
 * @param table bytes as characters (latin1)
 */
export function parseMounts(table: string): Mount[] {
  return table.split("\n").flatMap((line) => {
    const fields = line.split(" ");
    // Tags, any number of them, come before it; no field in front of them is a lone dash, since a path begins with `/`.
    const dash = fields.indexOf("-", 6);
    const [id, parentId, device, root, mountPoint, options] = fields;
    const [type, source, fileSystemOptions] = fields.slice(dash + 1);
    if (dash < 0 || options === undefined || type === undefined) return [];
    return {
      id: Number(id),
      parentId: Number(parentId),
      device: String(device),
      root: decode(root),
      mountPoint: decode(mountPoint),
      options: decodeOptions(options),
      type: String(decode(type)),
      source: decode(source),
      fileSystemOptions: decodeOptions(fileSystemOptions),
    };
  });
}

function decodeOptions(list = ""): MountOption[] {
  return list.split(",").map((option) => {
    const equals = option.indexOf("=");
    if (equals < 0) return [String(decode(option))];
    return [String(decode(option.slice(0, equals))), decode(option.slice(equals + 1))];
  });
}

/** Returns text, or bytes where they are not UTF-8. */
function decode(field = ""): SystemPath {
  const text = field.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
  const bytes = Buffer.from(text, "latin1");
  return isUtf8(bytes) ? bytes.toString() : bytes;
}
