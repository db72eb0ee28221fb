import { closeSync, linkSync, openSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import type { ExtendedAttribute } from "#dist/system/extended-attributes.js";
import { run } from "../support/run.js";
import { scratchDirectory } from "../support/scratch.js";
import { makeUglyTree } from "../support/ugly-tree.js";
import { testIf } from "../tooling/test-if.js";
import { demandSystemCalls } from "./demand-system-calls.js";
import { getfattr } from "./getfattr.js";

testIf(
  ["koffi", "xattr", "tools"],
  "readExtendedAttributes() reads what getfattr reads of every file of the ugly tree",
  async (context) => {
    const system = demandSystemCalls(context);
    const directory = join(scratchDirectory(), "tree");
    await makeUglyTree(directory);
    const { stdoutBytes } = await run("find", [directory, "-print0"]);
    const paths = splitAtZero(stdoutBytes);
    const expected = await getfattr(paths);
    const found = new Map(
      paths.flatMap((path) => {
        const attributes = system.readExtendedAttributes(path);
        return attributes.length === 0
          ? []
          : [[path.toString("latin1"), toMap(attributes)] as const];
      }),
    );
    expect(found).toEqual(expected);
    expect(found.size).toBeGreaterThan(4);
  },
);

testIf(
  ["koffi", "xattr", "tools"],
  "attributes set and removed by path and by descriptor are what getfattr sees",
  async (context) => {
    const system = demandSystemCalls(context);
    const directory = scratchDirectory();
    const file = Buffer.concat([Buffer.from(`${directory}/`), Buffer.from("\xff\xfe", "latin1")]);
    writeFileSync(file, "");
    const fd = openSync(file, "r+");
    onTestFinished(() => closeSync(fd));
    const [text, binary, empty, large] = [
      "user.text",
      "user.\xff=\n",
      "user.empty",
      "user.large",
    ].map((name) => Buffer.from(name, "latin1")) as [Buffer, Buffer, Buffer, Buffer];
    const value = Buffer.alloc(3000, "0123456789");

    system.setExtendedAttribute(file, text, Buffer.from("first"));
    system.setExtendedAttributeFd(fd, text, Buffer.from("second"));
    system.setExtendedAttribute(file, binary, Buffer.from([0, 255, 0]));
    system.setExtendedAttributeFd(fd, empty, Buffer.alloc(0));
    system.setExtendedAttribute(file, large, value);
    const expected = (await getfattr([file])).get(file.toString("latin1"));
    expect(expected?.get("user.text")).toBe(Buffer.from("second").toString("hex"));
    expect(expected?.get("user.\xff=\n")).toBe("00ff00");
    expect(expected?.get("user.empty")).toBe("");
    expect(expected?.get("user.large")).toBe(value.toString("hex"));
    expect(toMap(system.readExtendedAttributes(file))).toEqual(expected);
    expect(toMap(system.readExtendedAttributesFd(fd))).toEqual(expected);

    system.removeExtendedAttribute(file, binary);
    system.removeExtendedAttributeFd(fd, large);
    const names = [...((await getfattr([file])).get(file.toString("latin1"))?.keys() ?? [])];
    expect(names.filter((name) => name.startsWith("user."))).toEqual(["user.empty", "user.text"]);
    expect(() => system.removeExtendedAttribute(file, binary)).toThrow(
      expect.objectContaining({ code: "ENODATA", syscall: "lremovexattr", path: file.toString() }),
    );
  },
);

testIf(
  ["koffi", "xattr"],
  "attributes come sorted by the bytes of their names, as buffers of their own",
  (context) => {
    const system = demandSystemCalls(context);
    const file = join(scratchDirectory(), "file");
    writeFileSync(file, "");
    // UTF-16 would sort the emoji before the fullwidth tilde.
    const names = ["user.b", "user.\u{1f333}", "user.a", "user.～", "user.B"];
    for (const name of names)
      system.setExtendedAttribute(file, Buffer.from(name), Buffer.from(name));
    const first = system
      .readExtendedAttributes(file)
      .filter(({ name }) => name.toString().startsWith("user."));
    system.setExtendedAttribute(file, Buffer.from("user.a"), Buffer.from("changed"));
    system.readExtendedAttributes(file);
    const sorted = ["user.B", "user.a", "user.b", "user.～", "user.\u{1f333}"];
    expect(first.map(({ name }) => name.toString())).toEqual(sorted);
    expect(first.map(({ value }) => value.toString())).toEqual(sorted);
  },
);

testIf("koffi", "a file without attributes gives the one empty array", (context) => {
  const system = demandSystemCalls(context);
  const directory = scratchDirectory();
  const [file, other] = [join(directory, "file"), join(directory, "other")];
  writeFileSync(file, "");
  writeFileSync(other, "");
  const none = system.readExtendedAttributes(file);
  if (none.length > 0) context.skip(`the system gives new files attributes: ${none[0]?.name}`);
  expect(none).toEqual([]);
  expect(system.readExtendedAttributes(Buffer.from(other))).toBe(none);
});

testIf(
  ["koffi", "xattr"],
  "the attributes of a symbolic link are not those of its target",
  (context) => {
    const system = demandSystemCalls(context);
    const directory = scratchDirectory();
    const [file, link, hardLink] = ["file", "link", "hard"].map((name) =>
      join(directory, name),
    ) as [string, string, string];
    writeFileSync(file, "");
    symlinkSync("file", link);
    linkSync(file, hardLink);
    system.setExtendedAttribute(file, Buffer.from("user.target"), Buffer.from("1"));
    expect(system.readExtendedAttributes(link).map(({ name }) => `${name}`)).not.toContain(
      "user.target",
    );
    expect(system.readExtendedAttributes(hardLink).map(({ name }) => `${name}`)).toContain(
      "user.target",
    );
    expect(() =>
      system.setExtendedAttribute(link, Buffer.from("user.link"), Buffer.from("1")),
    ).toThrow(expect.objectContaining({ code: "EPERM", syscall: "lsetxattr", path: link }));
  },
);

testIf(
  ["koffi", "mount", "tools"],
  "lists and values up to the 64 KiB that Linux hands out are read, more is an error",
  async (context) => {
    const system = demandSystemCalls(context);
    const directory = scratchDirectory();
    await run("mount", ["-t", "tmpfs", "-o", "size=16m", "tmpfs", directory]);
    onTestFinished(async () => void (await run("umount", ["--lazy", directory])));
    const file = join(directory, "file");
    writeFileSync(file, "");
    const value = Buffer.alloc(65_536, "abcdefg");
    system.setExtendedAttribute(file, Buffer.from("trusted.large"), value);
    const longName = (index: number): Buffer =>
      Buffer.from(`trusted.${String(index).padStart(247, "n")}`);
    // Of 256 bytes with their zero byte, 255 fit beside "trusted.large".
    for (let index = 0; index < 255; index += 1)
      system.setExtendedAttribute(file, longName(index), Buffer.of(index));
    const attributes = toMap(system.readExtendedAttributes(file));
    expect(attributes.get("trusted.large")).toBe(value.toString("hex"));
    expect(attributes).toEqual((await getfattr([file])).get(file));
    expect(attributes.size).toBe(256);

    system.setExtendedAttribute(file, longName(255), Buffer.of(255));
    expect(() => system.readExtendedAttributes(file)).toThrow(
      expect.objectContaining({ code: "E2BIG", syscall: "llistxattr", path: file }),
    );
  },
);

function toMap(attributes: readonly ExtendedAttribute[]): Map<string, string> {
  return new Map(
    attributes.map(({ name, value }) => [name.toString("latin1"), value.toString("hex")]),
  );
}

function splitAtZero(bytes: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(0, start);
    parts.push(bytes.subarray(start, end));
    start = end + 1;
  }
  return parts;
}
