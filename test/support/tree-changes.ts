/** One change to the ugly tree, and what compare-trees.sh must say of it. */
export interface TreeChange {
  /**
   * Bash, run in the tree that is changed. `keep PATH...` gives paths the times that they had, so
   * that nothing but the change itself differs.
   */
  readonly command: string;
  /** All lines that it is found as; a star stands for any text. */
  readonly found: readonly string[];
}

const raw = String.raw;

/**
 * At least one change of every kind, each of a path of its own, so that all can be made in one
 * tree.
 */
export const treeChanges: readonly TreeChange[] = [
  // Paths and types.
  {
    command: "echo new > empty/lonely/new; keep empty/lonely",
    found: ["+ kind ./empty/lonely/new: f"],
  },
  { command: "rm names/CASE; keep names", found: ["- kind ./names/CASE: f"] },
  {
    command: raw`mv names/$'twin \xff' names/$'twin \xfd'; keep names`,
    found: [raw`- kind $'./names/twin \377': f`, raw`+ kind $'./names/twin \375': f`],
  },
  {
    command: "rm names/case; mkdir names/case; keep names",
    found: ["- kind ./names/case: f", "+ kind ./names/case: d"],
  },
  {
    command: "rm special/fifo; touch special/fifo; keep special",
    found: ["- kind ./special/fifo: p", "+ kind ./special/fifo: f"],
  },
  // Modes and owners, of links too.
  {
    command: "chmod u-s modes/file-4755",
    found: ["- mode ./modes/file-4755: 4755", "+ mode ./modes/file-4755: 755"],
  },
  {
    command: "chmod -t modes/directory-1755",
    found: ["- mode ./modes/directory-1755: 1755", "+ mode ./modes/directory-1755: 755"],
  },
  { command: "chmod 700 .", found: ["- mode .: 751", "+ mode .: 700"] },
  {
    command: "chown -h 12345:54322 owners/symlink",
    found: ["- owner ./owners/symlink: 12345:54321", "+ owner ./owners/symlink: 12345:54322"],
  },
  {
    command: "chown 4294967293 owners/last-id",
    found: ["- owner ./owners/last-id: 4294967294:*", "+ owner ./owners/last-id: 4294967293:*"],
  },
  // Times, by one nanosecond; find writes seconds and nanoseconds as they are kept, rounded down.
  {
    command: "touch -d @-0.000000002 times/before-epoch",
    found: [
      "- times ./times/before-epoch: -1.9999999990",
      "+ times ./times/before-epoch: -1.9999999980",
    ],
  },
  {
    command: "touch -h -d '1960-05-06 07:08:09.101112132Z' times/symlink",
    found: ["- times ./times/symlink: *.1011121310", "+ times ./times/symlink: *.1011121320"],
  },
  {
    command: "touch -d '2010-10-10 10:10:10.101010102Z' times/directory",
    found: ["- times ./times/directory: *.1010101010", "+ times ./times/directory: *.1010101020"],
  },
  {
    command: "touch -d '2400-02-29 23:59:59.999999998Z' times/year-2400",
    found: ["- times ./times/year-2400: *.9999999990", "+ times ./times/year-2400: *.9999999980"],
  },
  // Targets and devices.
  {
    command: "ln -sfn felf symlinks/self; keep symlinks symlinks/self",
    found: ["- targets ./symlinks/self: self", "+ targets ./symlinks/self: felf"],
  },
  {
    command: "rm special/block; mknod special/block b 7 98; keep special special/block",
    found: ["- devices ./special/block: 7:63 *", "+ devices ./special/block: 7:62 *"],
  },
  {
    command:
      "rm special/large-minor; mknod special/large-minor c 241 1048575; keep special special/large-minor",
    found: [
      "- devices ./special/large-minor: f0:fffff *",
      "+ devices ./special/large-minor: f1:fffff *",
    ],
  },
  // Hard links of files, symbolic links and FIFOs: torn apart, joined, one taken out of three.
  {
    command: "cp -a links/pair-2 links/new; mv links/new links/pair-2; keep links",
    found: ["- links ./links/pair-1: *", "- links ./links/pair-2: one file with ./links/pair-1"],
  },
  {
    command: "ln -f links/left/equal links/right/equal; keep links/left/equal links/right",
    found: [
      "+ links ./links/left/equal: *",
      "+ links ./links/right/equal: one file with ./links/left/equal",
    ],
  },
  {
    command: "cp -a links/zz/across links/zz/new; mv links/zz/new links/zz/across; keep links/zz",
    found: ["- links ./links/zz/across: one file with ./links/left/across"],
  },
  {
    command:
      "cp -a links/left/symlink links/left/new; mv -T links/left/new links/left/symlink; keep links/left",
    found: [
      "- links ./links/left/symlink: *",
      "- links ./links/right/symlink: one file with ./links/left/symlink",
    ],
  },
  {
    command:
      "cp -a links/right/fifo links/right/new; mv links/right/new links/right/fifo; keep links/right",
    found: [
      "- links ./links/left/fifo: *",
      "- links ./links/right/fifo: one file with ./links/left/fifo",
    ],
  },
  // One byte: the last of a file, one in a hole of a large file, the last of a large file, one
  // behind an odd name.
  {
    command: "printf X | dd of=sizes/4097 bs=1 seek=4096 conv=notrunc; keep sizes/4097",
    found: ["- content ./sizes/4097: *", "+ content ./sizes/4097: *"],
  },
  {
    command:
      "printf X | dd of=sparse/one-gigabyte bs=1 seek=900000000 conv=notrunc; keep sparse/one-gigabyte",
    found: ["- content ./sparse/one-gigabyte: other bytes than in B"],
  },
  {
    command: "printf X | dd of=sizes/8388608 bs=1 seek=8388607 conv=notrunc; keep sizes/8388608",
    found: ["- content ./sizes/8388608: other bytes than in B"],
  },
  {
    command: raw`printf X | dd of=names/$'line\nbreak' bs=1 conv=notrunc; keep names/$'line\nbreak'`,
    found: [raw`- content $'./names/line\nbreak': *`, raw`+ content $'./names/line\nbreak': *`],
  },
  {
    command: "truncate -s +1 sizes/32; keep sizes/32",
    found: [
      "- size ./sizes/32: 32",
      "+ size ./sizes/32: 33",
      "- content ./sizes/32: *",
      "+ content ./sizes/32: *",
    ],
  },
  // Attributes of files, directories, links and FIFOs, in all namespaces: changed, removed, added.
  {
    command: "setfattr -n user.binary -v 0x00ff00fe0a0d5c3d23 attributes/binary",
    found: [
      "- xattrs ./attributes/binary: user.binary=0x00ff00fe0a0d5c3d22",
      "+ xattrs ./attributes/binary: user.binary=0x00ff00fe0a0d5c3d23",
    ],
  },
  {
    command: "setfattr -x user.empty attributes/empty",
    found: ["- xattrs ./attributes/empty: user.empty=0x"],
  },
  {
    command: raw`setfattr -x user.$'\xff=\nname' attributes/names`,
    found: [raw`- xattrs ./attributes/names: $'user.\377\\075\\012name=0x737472616e6765'`],
  },
  {
    command: "setfattr -h -n trusted.coppice -v 0x00 attributes/symlink",
    found: [
      "- xattrs ./attributes/symlink: trusted.coppice=0x*",
      "+ xattrs ./attributes/symlink: trusted.coppice=0x00",
    ],
  },
  {
    command: "setfattr -x security.coppice attributes/fifo",
    found: ["- xattrs ./attributes/fifo: security.coppice=*"],
  },
  {
    command: "setfattr -x security.capability attributes/capability-foreign",
    found: ["- xattrs ./attributes/capability-foreign: security.capability=*"],
  },
  {
    command: "setfattr -n user.added -v x attributes/directory",
    found: ["+ xattrs ./attributes/directory: user.added=0x78"],
  },
  // Access control lists are attributes too, and are told twice.
  {
    command: "setfacl -n -m u:12345:r acl/access",
    found: [
      "- xattrs ./acl/access: system.posix_acl_access=*",
      "+ xattrs ./acl/access: system.posix_acl_access=*",
      "- acl ./acl/access: user:12345:rw-",
      "+ acl ./acl/access: user:12345:r--",
    ],
  },
  {
    command: "setfacl -n -d -x u:12345 acl/default",
    found: [
      "- xattrs ./acl/default: system.posix_acl_default=*",
      "+ xattrs ./acl/default: system.posix_acl_default=*",
      "- acl ./acl/default: default:user:12345:rwx",
    ],
  },
  // Holes filled with zeros: the bytes are the same.
  {
    command:
      "cp -a --sparse=never sparse/hole-in-middle sparse/new; mv sparse/new sparse/hole-in-middle; keep sparse",
    found: ["- holes ./sparse/hole-in-middle: * bytes allocated, in B *"],
  },
];

/**
 * Returns what bash runs to make changes in the working directory, a copy of the tree `$A`. Paths and types come
 * first: they are not told again in other aspects.
 */
export function scriptOfChanges(changes: readonly TreeChange[]): string {
  return [
    "set -eu",
    'keep() { local path; for path; do touch -h -r "$A/$path" "$path"; done; }',
    ...changes.map(({ command }) => command),
  ].join("\n");
}
