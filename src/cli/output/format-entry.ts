/**
 * Format entry: how listings show a name and what it is.
 */
import type { EntryInfo } from "../../index.js";
import { escapePath } from "./escape-path.js";
import { escapeText } from "./escape-text.js";
import { formatBytes } from "./format-bytes.js";
import { formatMode } from "./format-mode.js";
import { formatTime } from "./format-time.js";
import type { Style } from "./style.js";

const EXECUTABLE = 0o111;

/**
 * Returns a path with the colour of its kind; a directory's ends in a slash.
 *
 * @param path the bytes to show, the entry's path or a part of it
 */
export function formatEntryPath(entry: EntryInfo, path: Uint8Array, style: Style): string {
  const text = escapePath(path);
  switch (entry.kind) {
    case "directory":
      return `${style(["blue", "bold"], text)}/`;
    case "symlink":
      return style("cyan", text);
    case "file":
      return (entry.mode & EXECUTABLE) === 0 ? text : style("green", text);
    default:
      return style("yellow", text);
  }
}

/** Returns the cells of a long listing, its path last. */
export function formatEntryCells(entry: EntryInfo, path: Uint8Array, style: Style): string[] {
  const arrow = entry.target === undefined ? "" : ` → ${escapeText(entry.target)}`;
  return [
    formatMode(entry.kind, entry.mode),
    String(entry.uid),
    String(entry.gid),
    entry.device === undefined
      ? formatBytes(entry.sizeBytes)
      : `${entry.device.major}, ${entry.device.minor}`,
    formatTime(entry.mtimeNs),
    formatEntryPath(entry, path, style) + arrow,
  ];
}
