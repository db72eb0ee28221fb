/** Each kind of change that overlayfs keeps in a way of its own. */
import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { testIf } from "../tooling/test-if.js";
import { capturedBy, expectCaptured, inDirectory, needs } from "./workspace-fixture.js";

const tree = `
  mkdir -p a/b/c d/e f; echo 1 >a/1; echo 2 >a/b/2; echo 3 >a/b/c/3; head -c 200000 /dev/urandom >d/large
  ln d/large d/e/same; echo x >f/x; ln f/x f/y; ln f/x f/z; ln -s ../a f/link; mkfifo f/pipe
  setfattr -n user.comment -v text a/1; truncate -s 3M d/sparse; echo end >>d/sparse
`;

const edits: Readonly<Record<string, string>> = {
  "a directory from below gets another name": "mv a/b a/renamed",
  "it is moved": "mv a/b d/e/moved",
  "it is moved, and something in it again": "mv a/b d/moved; mv d/moved/c f/again",
  "it is moved into what was moved": "mv d moved; mv a/b moved/e/deep",
  "two directories take each other's place": "mv a/b tmp; mv f a/b; mv tmp f",
  "a directory is deleted and made again": "rm -r a; mkdir a; echo new >a/new",
  "a directory becomes a file": "rm -r a; echo file >a",
  "a file becomes a directory": "rm a/1; mkdir a/1; echo in >a/1/in",
  "a symbolic link takes a deleted name": "rm -r a; ln -s d a",
  "names of one file go their ways": "echo more >>f/x; rm f/y",
  "names of one file are moved": "mv f g; mv g/x x",
  "a file from below gets another name beside its own": "ln a/1 d/linked",
  "a file written new gets three names": "echo n >n; ln n a/n; ln n d/n",
  "modes, owners and times":
    "chmod 700 a; chown 5:6 d/large; touch -d @5 f; touch -hd @7 f/link; chmod 1777 .",
  "extended attributes come and go":
    "setfattr -x user.comment a/1; setfattr -n user.other -v x a; setfattr -n trusted.own -v y a/b/2",
  "what programs call overlayfs's": "setfattr -n trusted.overlay.opaque -v y a; echo z >a/z",
  "holes and ends of files":
    "truncate -s 1M d/large; echo x | dd of=d/sparse bs=1 seek=2000000 conv=notrunc status=none",
  "pipes and empty files": "rm f/pipe; mkfifo a/pipe; : >empty; : >a/b/2",
  "everything is deleted": "rm -r -- *",
  "nothing but a look": "cat a/1 d/large >/dev/null; ls -R >/dev/null",
};

for (const [name, script] of Object.entries(edits)) {
  testIf([...needs, "tools", "xattr"], `${name}: captured, forked and rolled back`, async () => {
    const { store, scratch } = await capturedBy(tree);
    const workspace = await store.fork("base", { dir: join(scratch, "workspace") });
    inDirectory(workspace.path, script);
    await expectCaptured(store, workspace);
    const state = workspace.head.digest;
    // A fork has it in its layers below; what is done above that is another layer.
    const child = await workspace.fork({ dir: join(scratch, "child") });
    await expectCaptured(store, child);
    expect(child.head.digest).toBe(state);
    inDirectory(child.path, "mkdir -p a && echo on >a/on 2>/dev/null || echo on >on");
    await expectCaptured(store, child);
    await child.rollback();
    expect((await child.snapshot()).isUnchanged).toBe(true);
    inDirectory(workspace.path, "rm -rf -- *");
    await workspace.rollback();
    expect((await store.snapshot(workspace.path)).snapshot.digest).toBe(state);
  });
}

testIf(needs, "a file is not read again unless something touched it", async () => {
  const { store } = await capturedBy("for i in {1..20}; do echo $i >$i; done");
  const workspace = await store.fork("base");
  for (let file = 1; file <= 10; file++) appendFileSync(join(workspace.path, String(file)), "more");
  expect((await workspace.snapshot()).filesRead).toBe(10);
  // What was written within the clock's granularity is not trusted.
  inDirectory(workspace.path, "sleep 0.1");
  await workspace.snapshot();
  inDirectory(workspace.path, "sleep 0.1");
  expect(await workspace.snapshot()).toMatchObject({
    filesRead: 0,
    isUnchanged: true,
    bytesNew: 0,
  });
  writeFileSync(join(workspace.path, "3"), "other");
  expect(await workspace.snapshot()).toMatchObject({ filesRead: 1, isUnchanged: false });
});

testIf(
  needs,
  "changes() tells what changed since the last snapshot and stores nothing",
  async () => {
    const { store, scratch } = await capturedBy("echo 1 >kept; echo 2 >edited; echo 3 >removed");
    const workspace = await store.fork("base", { dir: join(scratch, "workspace") });
    inDirectory(workspace.path, "echo 4 >>edited; rm removed; echo 5 >added");
    const before = await store.stats();
    const found: string[] = [];
    for await (const { path, change } of workspace.changes()) found.push(`${change} ${path}`);
    expect(found.filter((line) => !line.endsWith(" "))).toEqual([
      "added added",
      "modified edited",
      "removed removed",
    ]);
    expect(await store.stats()).toEqual(before);
    // Nothing of that look is relied on: its bytes are not stored.
    await expectCaptured(store, workspace);
    expect((await workspace.head.readFile("added")).toString()).toBe("5\n");
  },
);
