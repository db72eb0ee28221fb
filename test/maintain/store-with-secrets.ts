/** A store of which some snapshots have secrets in them. */
import { createHash, randomBytes } from "node:crypto";
import { linkSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { Snapshot } from "#dist/index.js";
import { Store } from "#dist/index.js";
import { scratchDirectory } from "../support/scratch.js";
import { filesWith } from "./raw-search.js";

/** Bytes that nothing else has: of one chunk, and of many. */
export const SMALL = Buffer.from(`secret ${randomBytes(24).toString("hex")}\n`);
export const LARGE = randomBytes(200_000);

/** The store, open, and where it lies. */
export interface World {
  readonly scratch: string;
  readonly directory: string;
  readonly source: string;
  readonly store: Store;
  /** One without, two with the secrets, one without them again. */
  readonly snapshots: readonly Snapshot[];
}

/** Returns a new one, closed when the test is over. */
export async function storeWithSecrets(): Promise<World> {
  const scratch = scratchDirectory();
  const source = join(scratch, "source");
  const directory = join(scratch, "store");
  mkdirSync(join(source, "d/deep"), { recursive: true });
  const at = (name: string) => join(source, name);
  for (let index = 0; index < 300; index++) writeFileSync(at(`d/file-${index}`), `file ${index}\n`);
  writeFileSync(at("large"), randomBytes(150_000));
  writeFileSync(at("linked"), "linked");
  linkSync(at("linked"), at("d/linked"));
  symlinkSync("large", at("link"));
  const store = await Store.open(directory);
  onTestFinished(() => store.close());
  const snapshots: Snapshot[] = [];
  const capture = async (name: string) => {
    const parent = snapshots.at(-1)?.id;
    const options = { name, labels: { step: name }, ...(parent && { parent }) };
    snapshots.push((await store.snapshot(source, options)).snapshot);
  };
  await capture("before");
  writeFileSync(at("d/deep/secret"), SMALL);
  writeFileSync(at("d/large-secret"), LARGE);
  linkSync(at("d/deep/secret"), at("d/also-secret"));
  linkSync(at("d/deep/secret"), at("d/third-name"));
  await capture("first");
  writeFileSync(at("d/file-7"), "another\n");
  await capture("second");
  for (const each of ["d/deep/secret", "d/large-secret", "d/also-secret", "d/third-name"])
    rmSync(at(each));
  await capture("after");
  return { scratch, directory, source, store, snapshots };
}

/** Returns a digest as sha256sum tells it. */
export function sha256(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Pieces of the bytes in whatever chunks they lie, with what they are of. */
function pieces(): Buffer[] {
  return [SMALL, ...[0, 50_000, 100_000, 199_936].map((at) => LARGE.subarray(at, at + 64))];
}

/** Returns the files below a directory that have something of the secrets. */
export function traces(directory: string): string[] {
  return pieces().flatMap((piece) => filesWith(directory, piece));
}
