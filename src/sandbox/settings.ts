/**
 * Settings: what of a sandbox is captured with each snapshot, and given to who is restored from it. It is also a label of the
 * snapshot, so that it is there where the ledger is not.
 */
import type { Snapshot } from "../index.js";
import { checkIsolation, type Isolation } from "./run/isolation.js";
import { checkConfig, type SandboxConfig } from "./sandbox-config.js";

export interface SandboxSettings {
  readonly config: SandboxConfig;
  readonly isolation: Isolation;
}

/** Labels of the snapshots that sandboxes make. */
export const LABELS = {
  /** The sandbox's id. */
  sandbox: "coppice.sandbox",
  /** What the ledger knows it by before it has an id. */
  token: "coppice.sandbox.snapshot",
  config: "coppice.sandbox.config",
  isolation: "coppice.sandbox.isolation",
  /** Id of the sandbox that it was made for to begin as, and goes with. */
  base: "coppice.sandbox.base",
} as const;

/** Returns the labels of a snapshot. */
export function labelsOf(
  sandbox: string,
  token: string,
  { config, isolation }: SandboxSettings,
): Record<string, string> {
  return {
    [LABELS.sandbox]: sandbox,
    [LABELS.token]: token,
    [LABELS.config]: JSON.stringify(config),
    [LABELS.isolation]: JSON.stringify(isolation),
  };
}

/** Returns the settings that a snapshot has as labels; those of any other snapshot are the defaults. */
export function settingsOf({ labels }: Pick<Snapshot, "labels">): SandboxSettings {
  const isolation = parse(labels[LABELS.isolation]) as Isolation | undefined;
  return {
    config: checkConfig(parse(labels[LABELS.config]) as SandboxConfig | undefined),
    isolation: checkIsolation(isolation?.kind === "bubblewrap" ? isolation : "none"),
  };
}

/** Anybody can make a snapshot with such labels. */
function parse(text: string | undefined): object | undefined {
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
