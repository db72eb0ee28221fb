/**
 * A small directory for crash tests, in versions that differ in each way in which captures differ.
 */
import {
  appendFileSync,
  chmodSync,
  linkSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { seededBytes } from "../chunk/seeded-bytes.js";

/** Makes the first version in an empty directory. */
export function makeSmallTree(root: string): void {
  mkdirSync(join(root, "deep/deeper"), { recursive: true });
  for (let number = 0; number < 12; number++) {
    writeFileSync(
      join(root, "deep", `small ${number}`),
      seededBytes(`small ${number}`, 50 * number),
    );
  }
  writeFileSync(join(root, "page"), seededBytes("page", 5_000));
  writeFileSync(join(root, "cut"), seededBytes("cut", 90_000));
  writeFileSync(join(root, "zeros"), Buffer.alloc(80_000));
  linkSync(join(root, "page"), join(root, "deep/deeper/page"));
  symlinkSync("nowhere", join(root, "link"));
}

/** The steps from each version to the next. */
export const smallTreeEdits: readonly ((root: string) => void)[] = [
  (root) => {
    appendFileSync(join(root, "cut"), "more");
    writeFileSync(join(root, "deep/new"), seededBytes("new", 30_000));
    rmSync(join(root, "deep/small 3"));
  },
  (root) => {
    renameSync(join(root, "deep/deeper"), join(root, "moved"));
    chmodSync(join(root, "page"), 0o600);
  },
  (root) => {
    writeFileSync(join(root, "cut"), seededBytes("cut again", 120_000));
    rmSync(join(root, "zeros"));
  },
  (root) => {
    for (let number = 20; number < 24; number++) {
      writeFileSync(join(root, `late ${number}`), seededBytes(`late ${number}`, 7_000));
    }
  },
];
