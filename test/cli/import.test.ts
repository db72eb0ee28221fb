import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { directory, file, link, pax, tarOf } from "../archive/tar-blocks.js";
import { scratchDirectory } from "../support/scratch.js";
import { coppice, coppiceError, coppiceJson } from "./coppice.js";

const archive = tarOf(
  directory("./"),
  pax({ "SCHILY.fflags": "nodump" }),
  file("a.txt", "hello\n"),
  link("b", "/a.txt"),
);

async function stored(bytes: Buffer) {
  const scratch = scratchDirectory();
  const own = ["--store", join(scratch, "store")];
  const path = join(scratch, "archive.tar");
  writeFileSync(path, bytes);
  await coppice(["init", ...own]);
  return { own, path };
}

test("coppice import makes a snapshot of an archive, and tells what is left out", async () => {
  const { own, path } = await stored(gzipSync(archive));
  const options = ["--links", "any", "--name", "sources", "--label", "from=upload"];
  const { stdout, stderr } = await coppice(["import", path, ...options, ...own]);
  expect(stdout).toMatch(/^✔ \w+ sources {2}/);
  expect(stdout).toContain("of gzip read");
  expect(stderr).toContain("a.txt (SCHILY.fflags)");
  expect((await coppice(["cat", "sources", "a.txt", ...own])).stdout).toBe("hello\n");
});

test("coppice import --json tells snapshot and report", async () => {
  const { own, path } = await stored(archive);
  const document = await coppiceJson(["import", path, "--links", "any", ...own]);
  expect(document).toMatchObject({
    snapshot: { entryCount: 2, totalBytes: 6, parents: [] },
    report: {
      entries: 3,
      bytes: archive.length,
      archiveBytes: archive.length,
      compression: "none",
      dropped: { count: 1, parts: [{ path: "a.txt", part: "SCHILY.fflags" }] },
    },
  });
});

test("coppice import refuses what leads out, with a reason, and registers nothing", async () => {
  const { own, path } = await stored(archive);
  const { exitCode, error } = await coppiceError(["import", path, ...own]);
  expect(exitCode).toBe(1);
  expect(error).toMatchObject({ code: "ARCHIVE_UNSAFE", reason: "link-outside", path: "b" });
  const limited = await coppiceError(["import", path, "--max-bytes", "1kB", ...own]);
  expect(limited.error).toMatchObject({ code: "ARCHIVE_TOO_LARGE", reason: "maxBytes" });
  expect(await coppiceJson(["log", ...own])).toMatchObject({ snapshots: [] });
});
