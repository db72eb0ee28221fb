import type { PathList, ReportedPath } from "../../index.js";

/** Returns what JSON tells of a path: `pathBase64` is there where `path` cannot say its bytes. */
export function pathJson<T extends ReportedPath>({ pathBytes, ...rest }: T) {
  return {
    ...rest,
    ...(pathBytes === undefined ? {} : { pathBase64: pathBytes.toString("base64") }),
  };
}

/** Returns what JSON tells of a list of paths. */
export function pathListJson({ count, paths }: PathList) {
  return { count, paths: paths.map(pathJson) };
}
