/** Calls of node:fs/promises on few names, so that they meet. */
import { constants } from "node:fs";
import fc from "fast-check";
import type { FileCall } from "./children/file-calls.mjs";

const names = ["a", "b", "c", "d"];

/** Few of them name something from the start; all kinds of spelling are among them. */
const spelled: fc.Arbitrary<string> = fc
  .record({
    start: fc.oneof(
      { weight: 4, arbitrary: fc.constant("/") },
      { weight: 2, arbitrary: fc.constant("") },
      { weight: 1, arbitrary: fc.constantFrom("//", "/./", "./", "/../", "../../") },
    ),
    parts: fc.array(
      fc.oneof(
        { weight: 14, arbitrary: fc.constantFrom(...names) },
        { weight: 1, arbitrary: fc.constantFrom(".", "..", "") },
      ),
      { minLength: 1, maxLength: 3, size: "max" },
    ),
    end: fc.oneof(
      { weight: 12, arbitrary: fc.constant("") },
      { weight: 2, arbitrary: fc.constantFrom("/", "//", "/.", "/..") },
    ),
  })
  .map(({ start, parts, end }) => `${start}${parts.join("/")}${end}` || ".");

const plainPath = fc
  .array(fc.constantFrom(...names), { minLength: 1, maxLength: 3, size: "max" })
  .map((parts) => `/${parts.join("/")}`);

const path = fc.oneof({ weight: 3, arbitrary: plainPath }, { weight: 1, arbitrary: spelled });

const target = fc.oneof(
  plainPath,
  fc.constantFrom("a", "b", "c", "../a", "../b/c", "..", ".", "/", "a/", "missing", "../../../a"),
);

const bytes = fc.oneof(
  fc.constantFrom("", "x", "some text"),
  fc
    .record({
      length: fc.constantFrom(1, 100, 4096, 65_535, 65_536, 65_537, 150_000),
      seed: fc.nat(250),
    })
    .map(({ length, seed }) => Buffer.alloc(length, Buffer.from([seed, seed + 1, 3, 250, 7]))),
);

const mode = fc.constantFrom(0o644, 0o755, 0o600, 0o2755, 0o4711, 0o1777, 0, 0o777);
// Node.js takes a negative number of seconds for now; what is before 1970 must be a date.
const seconds = fc.constantFrom(0, 1, 1_000_000_000, 1_234_567_890.5, new Date(-1500), 86_400);
const owner = fc.constantFrom(0, 12, 1000, -1);
const length = fc.constantFrom(0, 1, 50, 65_536, 70_000, 200_000);
const position = fc.constantFrom(null, 0, 1, 10, 65_530, 70_000);
const flags = fc.constantFrom("r", "r+", "w", "wx", "w+", "wx+", "a", "ax", "a+", "ax+", "rs+");
const rareFlags = fc.constantFrom(
  constants.O_RDONLY | constants.O_CREAT,
  constants.O_RDONLY | constants.O_DIRECTORY,
  constants.O_RDONLY | constants.O_NOFOLLOW,
  constants.O_RDONLY | constants.O_TRUNC,
  constants.O_WRONLY | constants.O_CREAT | constants.O_NOFOLLOW,
  constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_TRUNC,
);
const anyFlags = fc.oneof({ weight: 5, arbitrary: flags }, { weight: 1, arbitrary: rareFlags });
const slot = fc.constantFrom(0, 1, 2);
const yes = fc.boolean();

/** Directories are copied as a rule. */
const copyOptions = fc
  .record({
    dereference: yes,
    errorOnExist: yes,
    force: yes,
    preserveTimestamps: yes,
    recursive: fc.constantFrom(true, true, true, false),
    verbatimSymlinks: yes,
  })
  .map((options) => (options.dereference ? { ...options, verbatimSymlinks: false } : options));

function call(
  name: string,
  ...parameters: readonly fc.Arbitrary<unknown>[]
): fc.Arbitrary<FileCall> {
  return fc.tuple(fc.constant(name), ...parameters) as unknown as fc.Arbitrary<FileCall>;
}

function handle(
  name: string,
  ...parameters: readonly fc.Arbitrary<unknown>[]
): fc.Arbitrary<FileCall> {
  return call("handle", slot, fc.constant(name), ...parameters);
}

/** Calls that change something, as a rule. */
const changing = [
  call("writeFile", path, bytes),
  call("writeFile", path, bytes, fc.record({ flag: anyFlags, mode })),
  call("appendFile", path, bytes),
  call("truncate", path, length),
  call("mkdir", path),
  call("mkdir", path, fc.record({ recursive: yes, mode }, { requiredKeys: [] })),
  call("rmdir", path),
  call("rm", path, fc.record({ recursive: yes, force: yes })),
  call("unlink", path),
  call("rename", path, path),
  call("rename", path, path),
  call("link", path, path),
  call("link", path, path),
  call("symlink", target, path),
  call("symlink", target, path),
  call("copyFile", path, path, fc.constantFrom(0, constants.COPYFILE_EXCL)),
  call("cp", path, path, copyOptions),
  call("cp", path, path, copyOptions),
  call("chmod", path, mode),
  call("chown", path, owner, owner),
  call("lchown", path, owner, owner),
  call("utimes", path, seconds, seconds),
  call("lutimes", path, seconds, seconds),
];

/** Calls that tell something. */
const telling = [
  call("readFile", path),
  call("readdir", path, fc.record({ recursive: yes, withFileTypes: yes })),
  call("readdir", path, fc.constant({ encoding: "buffer" })),
  call("opendir", path),
  call("readlink", path),
  call("realpath", path),
  call("stat", path),
  call("lstat", path, fc.constant({ bigint: true })),
  call("access", path, fc.constantFrom(0, constants.X_OK, constants.R_OK | constants.W_OK)),
  call("exists", path),
  call("mkdtemp", path),
];

/** Calls on what is open. */
const open = [
  call("open", slot, path, anyFlags),
  call("open", slot, path, anyFlags, mode),
  handle("read", length, position),
  handle("write", bytes, position),
  handle(
    "write",
    fc.constant(Buffer.from("0123456789")),
    fc.constantFrom(0, 5),
    fc.constantFrom(0, 2, 5),
    position,
  ),
  handle("writev", fc.constant([Buffer.from("one"), Buffer.from("two")]), position),
  handle("truncate", length),
  handle("stat"),
  handle("chmod", mode),
  handle("chown", owner, owner),
  handle("utimes", seconds, seconds),
  handle("readFile"),
  handle("writeFile", bytes),
  handle("appendFile", bytes),
  handle("datasync"),
  handle("sync"),
  handle("close"),
];

/** One call. */
export const fileCall: fc.Arbitrary<FileCall> = fc.oneof(
  { weight: 6, arbitrary: fc.oneof(...changing) },
  { weight: 2, arbitrary: fc.oneof(...telling) },
  { weight: 3, arbitrary: fc.oneof(...open) },
);

/** Some calls one after another. */
export function callsOf(
  each: fc.Arbitrary<FileCall>,
  count: number,
): fc.Arbitrary<readonly FileCall[]> {
  return fc.array(each, { minLength: 1, maxLength: count, size: "max" });
}
