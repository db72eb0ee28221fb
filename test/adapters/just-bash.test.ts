/** Shell scripts on an overlay, compared with the same on just-bash's own file system. */
import type { IFileSystem } from "just-bash";
import { Bash, InMemoryFs } from "just-bash";
import { expect, test } from "vitest";
import { BashFileSystem } from "#dist/adapters/just-bash.js";
import { run } from "../support/run.js";
import { openOverlay } from "./open-overlay.js";

/** Run one after another, in one directory: later ones build on earlier ones. */
const scripts = {
  "makes directories and files": `
    mkdir -p src/lib docs; echo one >src/a.txt; echo two >>src/a.txt
    printf 'x\\ny\\nz\\n' >src/lib/b.txt; cat >docs/readme <<END
heading
  text with 'quotes' and äöü
END
    cat src/a.txt docs/readme; wc -l src/lib/b.txt; ls -a . src src/lib`,
  "edits in place": `
    sed -i 's/one/uno/; $ a end' src/a.txt; cat src/a.txt; sort -r -o src/lib/b.txt src/lib/b.txt
    tee -a src/lib/b.txt <<<more; cat src/lib/b.txt`,
  "finds and filters": `
    find . | sort; find . -name '*.txt' -type f | sort; find src -type d | sort; grep -rn uno . | sort
    for file in src/*.txt src/*/*.txt; do echo "$file: $(head -n 1 "$file")"; done; ls src/**/*.txt`,
  "copies and moves": `
    cp src/a.txt copy.txt; cp -r src backup; mv copy.txt src/lib/moved.txt; mv backup saved
    mkdir into; mv saved into; find . -type f | sort; cat into/saved/lib/b.txt; cp nothing there; echo $?`,
  "makes links": `
    ln -s src/a.txt soft; ln src/a.txt hard; ln -s nowhere broken; ln -s src directory
    cat soft hard directory/lib/moved.txt; readlink soft; readlink -f directory/lib
    test -L soft && echo link; test -e broken || echo broken
    ls directory`,
  "asks about files": `
    for path in src src/a.txt soft none; do
      for flag in e f d L s r; do test -$flag $path && echo "$path $flag"; done
    done; [[ src/a.txt -nt none ]] && echo newer; [ -z "$(ls -A docs)" ] || echo full`,
  "sets modes": `
    chmod 755 src/a.txt; test -x src/a.txt && echo x; chmod 644 src/a.txt; test -x src/a.txt || echo no
    stat -c '%a %s %n' src/a.txt docs/readme`,
  removes: `
    rm hard; rm -r into; rmdir docs; echo $?; rm docs/readme; rmdir docs; echo $?; rm none; echo $?
    rm -f none; echo $?; rm src; echo $?; rm -rf src none; unlink broken 2>/dev/null; find . | sort`,
  "throws away": `
    echo gone >/dev/null; ls none 2>/dev/null; echo $?; cat </dev/null; echo a >>/dev/null`,
  "makes what is in directories that are not there": `
    echo a >deep/er/file; cat deep/er/file; ls -a deep`,
  "writes bytes": `
    printf '\\x00\\xff\\x80text' >bytes; od -An -tx1 bytes; base64 bytes; gzip -k bytes; gunzip -c bytes.gz | od -An -tx1
    tar cf all.tar bytes deep; rm -r bytes deep; tar xf all.tar; od -An -tx1 bytes; cat deep/er/file`,
};

/** Runs a script in /work. */
async function outcome(fs: IFileSystem, script: string) {
  const { stdout, stderr, exitCode } = await new Bash({ fs, cwd: "/work" }).exec(script);
  return { stdout, stderr, exitCode };
}

test("scripts say and do on an overlay what they do on the package's own file system", async () => {
  const { overlay } = await openOverlay();
  const ours = new BashFileSystem(overlay);
  const theirs = new InMemoryFs();
  for (const fs of [ours, theirs]) await fs.mkdir("/work");
  for (const [name, script] of Object.entries(scripts)) {
    const found = await outcome(ours, script);
    expect({ name, ...found }).toEqual({ name, ...(await outcome(theirs, script)) });
    expect(found.stdout).not.toBe("");
  }
  const below = (paths: readonly string[]) =>
    paths.filter((path) => path.startsWith("/work")).sort();
  expect(below(ours.getAllPaths())).toEqual(below(theirs.getAllPaths()));
});

test("a script says on an overlay what it says on a disk, and leaves the same there", async () => {
  const { scratch, overlay, toDisk } = await openOverlay();
  const script = `mkdir -p src; echo 'a b' >src/a; cp src/a b; ln -s src link; ln -s a src/soft; ln b c; chmod 700 b
    sed -i s/a/A/ src/a; echo through >src/soft; echo both >>c; echo noise >/dev/null; ls none 2>/dev/null
    rm src/soft; mv src/a src/moved; ln -s moved src/soft; cat link/soft b c; find . | sort`;
  const bash = new Bash({ fs: new BashFileSystem(overlay), cwd: "/" });
  const { stdout } = await bash.exec(script);
  const real = `${scratch}/real`;
  await run("mkdir", [real]);
  expect(stdout).toBe((await run("bash", ["-uc", script], { cwd: real })).stdout);
  const disk = await toDisk("disk");
  await run("diff", ["-r", "--no-dereference", disk, real]);
  expect((await run("stat", ["--format", "%a %h", `${disk}/b`])).stdout).toBe("700 2\n");
});

test("scripts on forks see nothing of each other", async () => {
  const { overlay } = await openOverlay();
  const shell = (files: typeof overlay) => new Bash({ fs: new BashFileSystem(files), cwd: "/" });
  await shell(overlay).exec("mkdir d; echo base >d/file; echo stays >other");
  const forks = Array.from({ length: 20 }, () => overlay.fork());
  await Promise.all(
    forks.map((fork, index) => shell(fork).exec(`echo ${index} >>d/file; rm other; ln -s d l`)),
  );
  const say = "cat l/file; ls";
  for (const [index, fork] of forks.entries())
    expect((await shell(fork).exec(say)).stdout).toBe(`base\n${index}\nd\nl\n`);
  expect((await shell(overlay).exec("cat d/file other; ls")).stdout).toBe(
    "base\nstays\nd\nother\n",
  );
});

test("a script reads and changes what is in a snapshot", async () => {
  const { scratch, store } = await openOverlay();
  await run("bash", ["-euc", "mkdir d; seq 20000 >d/numbers; ln -s d/numbers l"], {
    cwd: scratch,
  });
  const { snapshot } = await store.snapshot(`${scratch}/d`);
  const overlay = snapshot.overlay();
  const bash = new Bash({ fs: new BashFileSystem(overlay), cwd: "/" });
  const { stdout } = await bash.exec("tail -n 1 numbers; sed -i '$ d' numbers; tail -n 1 numbers");
  expect(stdout).toBe("20000\n19999\n");
  expect((await snapshot.readFile("numbers")).toString().endsWith("\n20000\n")).toBe(true);
});

test("errors are those of node:fs, and the null device cannot be looked through", async () => {
  const { overlay } = await openOverlay();
  const fs = new BashFileSystem(overlay);
  await fs.writeFile("/d/file", "text");
  await expect(fs.rm("/d")).rejects.toMatchObject({ code: "ENOTEMPTY" });
  await expect(fs.rm("/none")).rejects.toMatchObject({ code: "ENOENT" });
  await expect(fs.mkdir("/d")).rejects.toMatchObject({ code: "EEXIST" });
  await expect(fs.readFile("/d")).rejects.toMatchObject({ code: "EISDIR" });
  await expect(fs.cp("/none", "/x/y")).rejects.toMatchObject({ code: "ENOENT" });
  await expect(fs.writeFile("/d/file/x", "")).rejects.toMatchObject({ code: "ENOTDIR" });
  await fs.writeFile("/dev/null", "gone");
  await fs.appendFile("/dev/null", "gone");
  expect(await fs.readFile("/dev/null")).toBe("");
  expect(await fs.readFileBuffer("/dev/null")).toEqual(new Uint8Array());
  expect(await fs.stat("/dev/null")).toMatchObject({ isFile: true, size: 0 });
  expect(await fs.exists("/dev")).toBe(false);
});
