/** What stands in the way of an image: it is told with a code, and no file is left. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { sha256 } from "#dist/hash/sha256.js";
import { formatDigest } from "#dist/model/digest.js";
import { FaultyDisk, systemError } from "../disk/faulty-disk.js";
import { bash, captured, flipByte, type ImageFixture, imageOf } from "./image-fixture.js";

const tree = bash(
  "echo small >small; head -c 200000 /dev/urandom >large; mkdir d; ln -s small d/link",
);

for (const name of ["small", "large"]) {
  test(`a damaged chunk of a ${name} file fails its image, and is named`, async () => {
    const fixture = await captured(tree);
    const bytes = readFileSync(join(fixture.source, name));
    // The last bytes: of the large file, what is copied where the rest is mapped.
    const part = bytes.subarray(-6);
    damage(fixture, part);
    const options = { data: "packs" } as const;
    const error = await imageOf(fixture, "image.erofs", options).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "CORRUPT", digest: expect.stringMatching(/^sha256:/) });
    if (name === "small") expect(error).toMatchObject({ digest: formatDigest(sha256(bytes)) });
    expect(images(fixture)).toEqual([]);
  });
}

test("a full disk fails an image at each of its writes, and an old one stays", async () => {
  const fixture = await captured(tree);
  const disk = new FaultyDisk(fixture.scratch);
  const options = { data: "image", sync: true } as const;
  await imageOf(fixture, "image.erofs", options, disk);
  const old = readFileSync(join(fixture.scratch, "image.erofs"));
  const count = disk.operations;
  const failed: string[] = [];
  for (let failing = 1; failing <= count; failing++) {
    const faulty = new FaultyDisk(fixture.scratch);
    faulty.onOperation = ({ number, name, isChange }) => {
      if (number !== failing || !isChange) return;
      failed.push(name);
      throw systemError("ENOSPC", name);
    };
    const before = failed.length;
    const outcome = await imageOf(fixture, "image.erofs", options, faulty).catch(
      (error: unknown) => error,
    );
    if (failed.length > before) expect(outcome).toMatchObject({ code: "DISK_FULL" });
    expect(images(fixture)).toEqual(["image.erofs"]);
  }
  expect(failed).toEqual(["open", "write", "sync", "rename", "syncDirectory"]);
  expect(readFileSync(join(fixture.scratch, "image.erofs")).equals(old)).toBe(true);
});

test("an image that is aborted leaves no file", async () => {
  const fixture = await captured(tree);
  const signal = AbortSignal.abort();
  const options = { data: "image", signal } as const;
  await expect(imageOf(fixture, "image.erofs", options)).rejects.toMatchObject({ code: "ABORTED" });
  expect(existsSync(join(fixture.scratch, "image.erofs"))).toBe(false);
  expect(images(fixture)).toEqual([]);
});

/** Changes a byte of the pack where some bytes lie. */
function damage({ engine }: ImageFixture, part: Buffer): void {
  const packs = join(engine.directory, "packs");
  for (const name of readdirSync(packs)) {
    const bytes = readFileSync(join(packs, name));
    const at = bytes.indexOf(part);
    if (at >= 0) flipByte(join(packs, name), at, bytes.subarray(at));
  }
}

function images({ scratch }: ImageFixture): string[] {
  return readdirSync(scratch).filter((name) => /erofs|\.tmp$/.test(name));
}
