/**
 * Resolve secrets: references become values, right before a program is run with them.
 */
import type { ResolveSecret } from "../sandbox-config.js";

/** What became of references. */
export interface ResolvedSecrets {
  /** By the names of variables. */
  readonly values: Readonly<Record<string, string>>;
  /** Names with their references, where there is no secret. */
  readonly missing: readonly string[];
}

/** Looks references up one after the other, by the names of the variables that are to have the secrets. */
export async function resolveSecrets(
  references: Readonly<Record<string, string>>,
  resolve: ResolveSecret | undefined,
): Promise<ResolvedSecrets> {
  const values: Record<string, string> = {};
  const missing: string[] = [];
  for (const [name, reference] of Object.entries(references)) {
    const value = await resolve?.(reference);
    if (typeof value === "string") values[name] = value;
    else missing.push(`${name} (${reference})`);
  }
  return { values, missing };
}
