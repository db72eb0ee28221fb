import { isUtf8 } from "node:buffer";
import type { ReportedPath } from "../../index.js";
import { escapeByte, escapeText } from "./escape-text.js";

/**
 * Returns a path as people see it: bytes that are not UTF-8 and what a terminal would obey are written
 * as `\xNN`, a backslash as `\\`. `parseEscapedPath` turns it back.
 *
 * A name that is not UTF-8 shows all its bytes beyond ASCII so; the other names of the path are not concerned.
 */
export function escapePath(path: Uint8Array): string {
  const text = Buffer.from(path.buffer, path.byteOffset, path.byteLength).toString("latin1");
  return text.split("/").map(escapeName).join("/");
}

/** Returns a path of a report as people see it. */
export function reportedText({ path, pathBytes }: ReportedPath): string {
  return escapePath(pathBytes ?? Buffer.from(path));
}

/** @param name each character is a byte */
function escapeName(name: string): string {
  const bytes = Buffer.from(name, "latin1");
  const escaped = bytes.includes(0x5c)
    ? Buffer.from(name.replaceAll("\\", "\\\\"), "latin1")
    : bytes;
  if (isUtf8(escaped)) return escapeText(escaped.toString());
  return escaped
    .toString("latin1")
    .replace(/[\p{Cc}\u0080-\u00ff]/gu, (each) => escapeByte(each.charCodeAt(0)));
}
