import { isUtf8 } from "node:buffer";
import type { EntryInfo } from "../../index.js";

/**
 * Returns what JSON tells of an entry. `pathBase64` is there where the path is not UTF-8, since
 * `path` cannot say it then; `mode` is octal text, `mtimeNs` decimal text: a JSON number is too short.
 */
export function entryJson(entry: EntryInfo) {
  const { digest, entryCount, target, device, xattrs } = entry;
  return {
    path: entry.path,
    ...(isUtf8(entry.pathBytes) ? {} : { pathBase64: entry.pathBytes.toString("base64") }),
    kind: entry.kind,
    sizeBytes: entry.sizeBytes,
    mode: entry.mode.toString(8).padStart(4, "0"),
    uid: entry.uid,
    gid: entry.gid,
    mtimeNs: String(entry.mtimeNs),
    ...(digest === undefined ? {} : { digest }),
    ...(entryCount === undefined ? {} : { entryCount }),
    ...(target === undefined ? {} : { target }),
    ...(device === undefined ? {} : { device }),
    ...(xattrs.length === 0 ? {} : { xattrs: xattrs.map(xattrJson) }),
  };
}

function xattrJson({ name, value }: EntryInfo["xattrs"][number]) {
  return { name: name.toString(), valueBase64: value.toString("base64") };
}
