// Copies that are not compared, since Node.js itself makes them in more ways than one. What an overlay does is in
// copies.test.ts.
import { dirname, resolve } from "node:path/posix";

/** Returns why a call of cp is not compared; `undefined` for all others. */
export async function whyCopyDiffers(files, source, target, options = {}) {
  const { dereference, recursive, errorOnExist, preserveTimestamps, force = true } = options;
  const statusOf = (path) =>
    (dereference ? files.stat(path) : files.lstat(path)).catch(({ code }) => code);
  const [from, to] = [await statusOf(source), await statusOf(target)];
  if (typeof from === "string")
    return typeof to === "string" && to !== "ENOENT" ? "either error may be told" : undefined;
  const isTree = recursive === true && from.isDirectory();
  if (isTree && errorOnExist && !force) return "Node.js 20 does not mind directories";
  if (isTree && preserveTimestamps) return "directories have times from Node.js 26 on";
  if (isTree && (await isHiddenWithin(files, source, target)))
    return "Node.js copies until a path is too long";
  const paths = isTree ? await pathsFrom(files, source) : [Buffer.from(source)];
  if (isTree && dereference) {
    if (typeof to !== "string") paths.push(...(await pathsFrom(files, target)));
    for (const path of paths)
      if (await isLinkToDirectory(files, path)) return "Node.js may go round in circles";
  }
  if (dereference) return undefined;
  for (const path of paths) {
    const copy = Buffer.concat([Buffer.from(target), path.subarray(Buffer.byteLength(source))]);
    const areLinks = (await isLink(files, path)) && (await isLink(files, copy));
    if (areLinks && !(await isLinkToDirectory(files, path)))
      return "before Node.js 24 links to files are taken for ones to directories";
  }
  return undefined;
}

/** Returns the paths of all there is at and below a path, directories before what is in them. */
export async function pathsFrom(files, start) {
  const paths = [Buffer.from(start)];
  for (const path of paths) {
    const stats = await files.lstat(path);
    if (!stats.isDirectory()) continue;
    const names = await files.readdir(path, { encoding: "buffer" });
    const slash = Buffer.from(path.at(-1) === 0x2f ? "" : "/");
    for (const name of names.sort(Buffer.compare))
      paths.push(Buffer.concat([path, slash, Buffer.from(name)]));
  }
  return paths;
}

/**
 * Returns whether a path lies in a directory and Node.js does not see it: it compares how both are spelled, and looks at
 * what is above the path, up to what is missing or is beside the directory.
 */
async function isHiddenWithin(files, directory, path) {
  const outer = await files.realpath(directory);
  const beside = resolve("/", directory, "..");
  if (isWithin(resolve("/", directory), resolve("/", path))) return false;
  let isHidden = false;
  let isSeen = true;
  for (let above = resolve("/", path), isFirst = true; ; above = dirname(above), isFirst = false) {
    const real = await files.realpath(above).catch(() => undefined);
    if (above === beside || (real === undefined && !isFirst)) isSeen = false;
    if (real === outer && isSeen && above !== "/") return false;
    if (real !== undefined && isWithin(outer, real)) isHidden = true;
    if (above === "/") return isHidden;
  }
}

function isWithin(directory, path) {
  return `${path}/`.startsWith(directory === "/" ? "/" : `${directory}/`);
}

async function isLink(files, path) {
  const status = await files.lstat(path).catch(() => undefined);
  return status?.isSymbolicLink() === true;
}

async function isLinkToDirectory(files, path) {
  const status = await files.stat(path).catch(() => undefined);
  return status?.isDirectory() === true && (await isLink(files, path));
}
