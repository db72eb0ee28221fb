import { fileURLToPath } from "node:url";
import type { Check } from "#dist/cli/doctor/check.js";
import type { changeJson } from "#dist/cli/json/change-json.js";
import type { entryJson } from "#dist/cli/json/entry-json.js";
import type { ErrorJson } from "#dist/cli/json/error-json.js";
import type { snapshotJson } from "#dist/cli/json/snapshot-json.js";
import type { workspaceJson } from "#dist/cli/json/workspace-json.js";
import type {
  ApplyReport,
  CaptureReport,
  ImageFileReport,
  MergeReport,
  StoreStats,
} from "#dist/index.js";
import { type RunOptions, type RunResult, run } from "../support/run.js";

/** The command line as it is built. */
export const MAIN = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

/**
 * Runs `coppice` as a child process, outside a terminal and without a store of the environment.
 *
 * @throws {Error} when it fails, unless `allowFailure` is given
 */
export function coppice(args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  return run(process.execPath, [MAIN, ...args], {
    ...options,
    env: { COPPICE_STORE: "", ...options.env },
  });
}

/** The members of all commands' documents, each there where its command has it. */
export interface JsonDocument {
  readonly snapshot: SnapshotJson;
  readonly snapshots: readonly SnapshotJson[];
  readonly before: SnapshotJson;
  /** Of `apply`. */
  readonly base: SnapshotJson;
  readonly after: SnapshotJson;
  readonly removed: readonly SnapshotJson[];
  /** `null` where none was asked for. */
  readonly undo: SnapshotJson;
  readonly plan: boolean;
  readonly report: CaptureReport & ApplyReport & ImageFileReport & MergeReport;
  /** Of `image`. */
  readonly file: string;
  readonly workspaces: readonly ReturnType<typeof workspaceJson>[];
  readonly entry: EntryJson;
  readonly entries: readonly EntryJson[];
  readonly encoding: "utf8" | "base64";
  readonly content: string;
  readonly changes: readonly ChangeJson[];
  readonly byKind: StoreStats["byKind"];
  readonly diskBytes: number;
  readonly storedBytes: number;
  readonly machine: readonly Check[];
  /** Of `doctor`; of other commands it is the directory. */
  readonly store: readonly Check[];
}

type SnapshotJson = ReturnType<typeof snapshotJson>;
type EntryJson = ReturnType<typeof entryJson>;
type ChangeJson = ReturnType<typeof changeJson>;

/** Runs `coppice --json` and returns the document that it prints. */
export async function coppiceJson(args: readonly string[]): Promise<JsonDocument> {
  const { stdout, stderr } = await coppice([...args, "--json"]);
  if (stderr !== "") throw new Error(`Cannot expect a remark beside JSON: ${stderr}`);
  return JSON.parse(stdout) as JsonDocument;
}

/** Runs `coppice --json`, which fails, and returns its exit code and the error on standard error. */
export async function coppiceError(args: readonly string[]) {
  const { exitCode, stdout, stderr } = await coppice([...args, "--json"], { allowFailure: true });
  const { error } = JSON.parse(stderr) as ErrorJson;
  return { exitCode, stdout, error };
}
