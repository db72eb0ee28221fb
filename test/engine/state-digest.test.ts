/** The state digest ignores times and owners, and nothing else. */
import { expect, test } from "vitest";
import type { CapabilityName } from "../tooling/capability.js";
import { testIf } from "../tooling/test-if.js";
import { editedDirectory } from "./edited-directory.js";

const before = `
  mkdir -p d/empty; echo 1 >d/file; ln -s target d/link; mkfifo d/fifo
  echo 2 >a; ln a b; echo 2 >c; head -c 200000 /dev/zero >large; chmod 644 d/file`;

/** What must not count. */
const ignored: readonly [string, string, CapabilityName?][] = [
  ["the time of a file", "touch -d @5 d/file"],
  ["the time of a link", "touch -h -d @5 d/link"],
  ["the time of a directory", "touch -d @5 d"],
  ["the time of the root", "touch -d @5 ."],
  ["a rewrite of the same bytes", "cat a >d/new; cp d/file copy; mv copy d/file; rm d/new"],
  ["the owner of a file", "chown 12345:54321 d/file", "root"],
  ["the group of a directory", "chown :54321 d", "root"],
  ["the owner of a link", "chown -h 12345 d/link", "root"],
  ["the owner of the root", "chown 12345:54321 .", "root"],
  ["holes where there were zeros", "truncate -s 0 large; truncate -s 200000 large"],
];

/** What must count. */
const counted: readonly [string, string, CapabilityName?][] = [
  ["one byte", "echo 3 >d/file"],
  ["one byte of a large file", "printf x | dd of=large bs=1 seek=100000 conv=notrunc"],
  ["the length of a large file", "truncate -s +1 large"],
  ["a name", "mv d/file d/File"],
  ["a new empty file", "touch d/new"],
  ["a new empty directory", "mkdir d/empty/below"],
  ["a file that is gone", "rm d/file"],
  ["the place of a file", "mv d/file file"],
  ["the mode of a file", "chmod 600 d/file"],
  ["set-user-ID", "chmod u+s d/file"],
  ["the mode of a directory", "chmod 700 d"],
  ["the mode of the root", "chmod 711 ."],
  ["the target of a link", "ln -sfn other d/link"],
  ["another kind without content", "rm -r d/empty; touch d/empty"],
  ["a pipe for a file", "rm d/fifo; touch d/fifo"],
  ["names that become one file", "ln -f a c"],
  ["names that cease to be one file", "cp -p b new; mv new b"],
  ["an attribute", "setfattr -n user.a -v 1 d/file", "xattr"],
  ["an attribute of a directory", "setfattr -n user.a -v 1 d", "xattr"],
  ["an attribute of the root", "setfattr -n user.a -v 1 .", "xattr"],
  ["an access list", "setfacl -m u:12345:r d/file", "acl"],
];

for (const [name, script, needs] of ignored) {
  declare(needs, `stateDigest is the same with ${name} changed`, async () => {
    const { edit, snapshot } = await editedDirectory(before);
    const old = await snapshot();
    await edit(script);
    const now = await snapshot();
    expect(now.stateDigest).toBe(old.stateDigest);
    // Each of these moves a time, an owner or both: something did change.
    expect(now.digest).not.toBe(old.digest);
  });
}

for (const [name, script, needs] of counted) {
  declare(needs, `stateDigest is another one with ${name} changed`, async () => {
    const { edit, snapshot } = await editedDirectory(before);
    const old = await snapshot();
    await edit(`stamp() { find . -print0 | xargs -0 touch -h -d @9; }; ${script}; stamp`);
    const now = await snapshot();
    expect(now.stateDigest).not.toBe(old.stateDigest);
    expect(now.digest).not.toBe(old.digest);
  });
}

function declare(needs: CapabilityName | undefined, name: string, body: () => Promise<void>): void {
  if (needs === undefined) test(name, body);
  else testIf(["koffi", needs], name, body);
}
