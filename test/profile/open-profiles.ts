import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { type Profiles, Store } from "#dist/index.js";
import { scratchDirectory } from "../support/scratch.js";

/** A store with a snapshot `base`, in which is one file, and room beside it. */
export interface ProfileStage {
  readonly scratch: string;
  readonly store: Store;
  readonly profiles: Profiles;
}

export async function openProfiles(): Promise<ProfileStage> {
  const scratch = scratchDirectory();
  const store = await Store.open(join(scratch, "store"));
  onTestFinished(() => store.close());
  const source = join(scratch, "source");
  mkdirSync(source);
  writeFileSync(join(source, "package.json"), "{}\n");
  await store.snapshot(source, { name: "base" });
  return { scratch, store, profiles: store.profiles };
}

/** Expects that of jobs neither workspaces stay, nor snapshots that are neither named nor in use by a profile. */
export async function nothingIsLeft(store: Store): Promise<void> {
  // What is not needed any more is removed after the job's end has been told.
  const left = expect.poll(() => leftOf(store), { timeout: 60_000 });
  await left.toEqual({ snapshots: [], workspaces: [] });
}

async function leftOf(store: Store) {
  const { items } = await store.profiles.list();
  const bases = store.ledger.database.prepare("SELECT base FROM profile_version").all();
  const used = [
    ...items.map(({ snapshot }) => snapshot),
    ...(bases as { readonly base: string | null }[]).map(({ base }) => base),
  ];
  const snapshots = (await store.snapshots()).filter(
    ({ id, name }) => name === undefined && !used.includes(id),
  );
  const workspaces = (await store.workspaces()).map(({ name }) => name);
  return { snapshots: snapshots.map(({ labels }) => labels), workspaces };
}

/** Expects that a snapshot goes. */
export async function isGone(store: Store, id: string): Promise<void> {
  const ids = async () => (await store.snapshots()).map((each) => each.id);
  await expect.poll(ids, { timeout: 60_000 }).not.toContain(id);
}

/** Waits until a job has ended. */
export async function ended(store: Store, id: string): Promise<void> {
  await until(async () => ["ready", "failed"].includes((await store.profiles.job(id)).state));
}

/** Waits until something holds. */
export async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 10));
}

/** Returns a file of a snapshot as text. */
export async function textIn(
  snapshot: { readFile(path: string): Promise<Buffer | Uint8Array> },
  path: string,
): Promise<string> {
  return String(await snapshot.readFile(path));
}
