/**
 * Pax xattrs: the extended attributes in the records of an extended header.
 *
 *     SCHILY.xattr.NAME=VALUE       the value as it is. In the name GNU tar writes "=" as %3D and "%" as %25, libarchive
 *                                   escapes more of it, and star nothing
 *     LIBARCHIVE.xattr.NAME=VALUE   the name as in a URL, the value as Base64 without padding. libarchive writes both
 *                                   forms of each attribute; where it does, this one tells the name for certain
 *
 * Sources: star(5), "SCHILY.xattr"; GNU tar 1.34; libarchive's archive_write_set_format_pax.
 */
import type { Xattr } from "../../model/entry.js";

const SCHILY = "SCHILY.xattr.";
const LIBARCHIVE = "LIBARCHIVE.xattr.";

/** The kernel's XATTR_NAME_MAX: linux/limits.h. */
const NAME_BYTES_MAX = 255;

/** Whether a keyword is that of an attribute. */
export function isXattrKeyword(keyword: string): boolean {
  return keyword.startsWith(SCHILY) || keyword.startsWith(LIBARCHIVE);
}

/**
 * Returns the attributes among some records, sorted by their names.
 *
 * @param drop takes keywords that are no attribute's after all
 */
export function paxXattrs(
  records: Iterable<readonly [string, Buffer]>,
  drop: (keyword: string) => void,
): Xattr[] {
  const found = new Map<string, Buffer>();
  const plain: (readonly [string, Buffer])[] = [];
  for (const [keyword, value] of records) {
    if (keyword.startsWith(SCHILY)) plain.push([keyword.slice(SCHILY.length), value]);
    if (!keyword.startsWith(LIBARCHIVE)) continue;
    const name = unescapeAll(keyword.slice(LIBARCHIVE.length));
    const text = value.toString("latin1");
    if (isXattrName(name) && /^[A-Za-z0-9+/]*={0,2}$/.test(text))
      found.set(name, Buffer.from(text, "base64"));
    else drop(keyword);
  }
  const isTwofold = found.size > 0;
  for (const [name, value] of plain) {
    if (isTwofold && found.has(unescapeAll(name))) continue;
    const own = name.replace(/%3D/g, "=").replace(/%25/g, "%");
    if (isXattrName(own)) found.set(own, Buffer.from(value));
    else drop(SCHILY + name);
  }
  return [...found.keys()]
    .sort()
    .map((name) => ({ name: Buffer.from(name, "latin1"), value: found.get(name) as Buffer }));
}

function unescapeAll(name: string): string {
  return name.replace(/%([0-9A-Fa-f]{2})/g, (_, hex) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

function isXattrName(name: string): boolean {
  return name.length > 0 && name.length <= NAME_BYTES_MAX && !name.includes("\0");
}
