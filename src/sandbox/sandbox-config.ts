/**
 * Sandbox config: what an agent in a sandbox runs with. It is kept in the ledger and captured with snapshots, so that it holds
 * references to secrets, never secrets.
 */

import { checkVariables } from "../model/check-options.js";

/** What an agent in a sandbox runs with; captured with each snapshot of it. */
export interface SandboxConfig {
  /** The program that drives the model, for people and programs; nothing is made of it here. */
  readonly harness?: string;
  /** The model, likewise. */
  readonly model?: string;
  /** Variables of each command's environment. They are stored as they are: a secret belongs to `secrets`. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Variables whose values are secrets, each with a reference that `resolveSecret` knows; the values are never stored. */
  readonly secrets?: Readonly<Record<string, string>>;
}

/** Returns the secret that a reference means; `undefined` where there is none. */
export type ResolveSecret = (reference: string) => string | undefined | Promise<string | undefined>;

/**
 * Returns a config as it is stored: with what is known of it, and no more.
 *
 * @throws {TypeError} where it is none
 */
export function checkConfig(config: SandboxConfig = {}): SandboxConfig {
  const { harness, model, environment, secrets } = config;
  checkWordOf("harness", harness);
  checkWordOf("model", model);
  checkVariables("environment", environment);
  checkVariables("secrets", secrets);
  const twice = Object.keys(secrets ?? {}).filter((name) => environment?.[name] !== undefined);
  if (twice.length > 0)
    throw new TypeError(
      `Cannot use config: ${twice.join(", ")} is in both environment and secrets, give it once`,
    );
  return {
    ...(harness !== undefined && { harness }),
    ...(model !== undefined && { model }),
    ...(environment !== undefined && { environment: { ...environment } }),
    ...(secrets !== undefined && { secrets: { ...secrets } }),
  };
}

function checkWordOf(option: string, word: unknown): void {
  if (word !== undefined && typeof word !== "string")
    throw new TypeError(`Cannot use ${option}: give a text, not ${typeof word}`);
}
