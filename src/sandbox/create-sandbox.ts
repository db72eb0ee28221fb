/**
 * Create sandbox: a row, a snapshot to begin as, a workspace of it.
 *
 *     row (change: create) ─> base ─> workspace ─> row (running) and event
 *
 * Whoever dies on the way leaves a row that nobody finds, and that is taken back by whoever comes next (B1, L2).
 */
import type { AttachOptions, DriverName, Workspace } from "../index.js";
import { checkCount, checkName, checkWord } from "../model/check-options.js";
import { CoppiceError } from "../model/error.js";
import { newId } from "../model/new-id.js";
import { undoCreation, workspaceName } from "./end-sandbox.js";
import type { FreezerKind } from "./processes/freezer.js";
import { chooseFreezer, FREEZER_KINDS } from "./processes/freezer.js";
import type { SandboxIsolation } from "./run/isolation.js";
import { checkIsolation, findBubblewrap } from "./run/isolation.js";
import type { SandboxBase } from "./sandbox-base.js";
import { resolveBase } from "./sandbox-base.js";
import type { ResolveSecret, SandboxConfig } from "./sandbox-config.js";
import { checkConfig } from "./sandbox-config.js";
import { noteEvent } from "./sandbox-events.js";
import type { SandboxParts } from "./sandbox-parts.js";
import { livingRow } from "./sandbox-parts.js";
import { findRow, insertRow, updateRow } from "./sandbox-row.js";
import { settingsOf } from "./settings.js";
import { beginWriting } from "./settle.js";
import { findRecord } from "./snapshot-row.js";
import type { SandboxStore } from "./store-calls.js";

/** What a process that uses a sandbox gives to it. */
export interface SandboxUse {
  /** Gives the secrets that the config refers to, whenever a command is run. @default there are none */
  readonly resolveSecret?: ResolveSecret;
}

/** How a sandbox is found again. */
export type SandboxGetOptions = SandboxUse & Pick<AttachOptions, "ifDirty">;

/** How a sandbox is made from a snapshot. */
export interface SandboxRestoreOptions extends SandboxUse {
  /** Its name, unique while it lives. @default it has none */
  readonly name?: string;
  /** What an agent in it runs with. @default that of the snapshot */
  readonly config?: SandboxConfig;
  /** How its commands are kept from what is not theirs. @default as the snapshot's sandbox had it */
  readonly isolation?: SandboxIsolation;
  /** The directory of its files: missing or empty, outside the store. @default one in the store */
  readonly dir?: string;
  /** The only way to make its workspace that will do. @default the best that works here */
  readonly driver?: DriverName;
  /** The only way to stop its processes that will do. @default the best that works here */
  readonly freezer?: FreezerKind;
  /** Ends what takes time; nothing is left then. */
  readonly signal?: AbortSignal;
}

/** How a sandbox is made. */
export interface SandboxOptions extends SandboxRestoreOptions {
  /** What it begins as. @default nothing is in it */
  readonly base?: SandboxBase;
}

/** Makes a sandbox; see `Sandbox.create`. */
export async function createSandbox(
  store: SandboxStore,
  { base, ...options }: SandboxOptions,
): Promise<SandboxParts> {
  return make(store, options, async (id) => ({
    base: await resolveBase(store, base, id),
    config: checkConfig(options.config),
    isolation: checkIsolation(options.isolation),
    restoredFrom: undefined,
  }));
}

/** Makes a sandbox from a snapshot; see `Sandbox.fromSnapshot`. */
export async function restoreSandbox(
  store: SandboxStore,
  reference: string,
  options: SandboxRestoreOptions,
): Promise<SandboxParts> {
  return make(store, options, async () => {
    const { ledger } = store;
    const record = ledger.transaction.read(() => findRecord(ledger.database, reference));
    const base = await store.get(record?.id ?? reference);
    const settings = settingsOf(base);
    return {
      base,
      config: options.config === undefined ? settings.config : checkConfig(options.config),
      isolation:
        options.isolation === undefined ? settings.isolation : checkIsolation(options.isolation),
      restoredFrom: base.id,
    };
  });
}

/** Makes several, one after the other; names and directories end in -1, -2, ... */
export async function restoreSeveral(
  store: SandboxStore,
  reference: string,
  count: number,
  { name, dir, ...options }: SandboxRestoreOptions,
): Promise<PromiseSettledResult<SandboxParts>[]> {
  checkCount(count);
  const made: Promise<SandboxParts>[] = [];
  for (let number = 1; number <= count; number++) {
    const each = restoreSandbox(store, reference, {
      ...options,
      ...(name !== undefined && { name: `${name}-${number}` }),
      ...(dir !== undefined && { dir: `${dir}-${number}` }),
    });
    made.push(each);
    await each.catch(() => undefined);
  }
  return Promise.allSettled(made);
}

/** Returns the sandbox of an id or a name; see `Sandbox.get`. */
export async function getSandbox(
  store: SandboxStore,
  key: string,
  { resolveSecret, ifDirty }: SandboxGetOptions,
): Promise<SandboxParts> {
  await beginWriting(store);
  const { id, workspace } = livingRow(store, key);
  const found = await store.workspace(workspace!, ifDirty === undefined ? {} : { ifDirty });
  return { store, id, workspace: found, resolveSecret };
}

/** What a sandbox begins as, and with. */
interface Beginning
  extends Pick<Parameters<typeof insertRow>[1], "config" | "isolation" | "restoredFrom"> {
  readonly base: Awaited<ReturnType<typeof resolveBase>>;
}

async function make(
  store: SandboxStore,
  options: SandboxRestoreOptions,
  begin: (id: string) => Promise<Beginning>,
): Promise<SandboxParts> {
  const { name, dir, driver, signal, resolveSecret } = options;
  checkName(name);
  checkWord("freezer", options.freezer, FREEZER_KINDS);
  checkConfig(options.config);
  if (checkIsolation(options.isolation).kind === "bubblewrap") findBubblewrap();
  await beginWriting(store);
  const { database, transaction, sessions } = store.ledger;
  const id = newId();
  const freezer = await chooseFreezer(id, options.freezer);
  transaction.run(() => {
    if (name !== undefined) requireFree(store, name);
    insertRow(database, {
      id,
      name,
      workspace: undefined,
      base: undefined,
      restoredFrom: undefined,
      state: "running",
      config: {},
      isolation: { kind: "none" },
      freezer,
      boot: undefined,
      change: "create",
      session: sessions.id,
      createdMs: Date.now(),
    });
  }, "relaxed");
  let workspace: Workspace;
  try {
    signal?.throwIfAborted();
    const { base, config, isolation, restoredFrom } = await begin(id);
    if (isolation.kind === "bubblewrap") findBubblewrap();
    workspace = await store.fork(base, {
      name: workspaceName(id),
      ...(dir !== undefined && { dir }),
      ...(driver !== undefined && { driver }),
      ...(signal !== undefined && { signal }),
    });
    transaction.run(() => {
      updateRow(database, id, {
        ...{ workspace: workspace.id, base: base.id, config, isolation },
        ...(restoredFrom !== undefined && { restored_from: restoredFrom }),
        ...{ change: null, session: null },
      });
      noteEvent(database, id, restoredFrom === undefined ? "created" : "restored", {
        ...(name !== undefined && { name }),
        snapshot: base.id,
      });
    });
  } catch (error) {
    await undoCreation(store, id);
    if (signal?.aborted === true && !(error instanceof CoppiceError))
      throw new CoppiceError("ABORTED", "Cannot make sandbox: it was aborted, nothing was left", {
        cause: error,
      });
    throw error;
  }
  return { store, id, workspace, resolveSecret };
}

/** @throws {CoppiceError} NAME_TAKEN */
function requireFree({ ledger }: SandboxStore, name: string): void {
  const found = findRow(ledger.database, name);
  if (found === undefined || (found.name !== name && found.id !== name)) return;
  throw new CoppiceError(
    "NAME_TAKEN",
    `Cannot name sandbox ${name}: sandbox ${found.id} has that name, choose another one or delete that one`,
  );
}
