/**
 * Agent auth: what an agent needs from outside to run: variables, files with secrets, hosts that it reaches.
 */
import { CoppiceError } from "../model/error.js";
import { parseTreePath } from "../model/tree-path.js";
import type { EgressRules } from "./egress.js";
import { checkEgress } from "./egress.js";
import { parseTemplate } from "./template.js";

/** What an agent needs from outside. Secrets are named here, and never kept: they are given when it is launched. */
export interface AgentAuth {
  /** Variables without which it is not launched. @default none */
  readonly requiredEnv?: readonly string[];
  /** Files that are written when it is launched. @default none */
  readonly configFiles?: readonly ConfigFile[];
  /** What it may reach. @default everything */
  readonly egress?: EgressRules;
}

/** A file that is written when an agent is launched, for its owner alone, and that no snapshot has. */
export interface ConfigFile {
  /** Where, relative to the agent's root. */
  readonly path: string;
  /** What is in it. `{{secrets.NAME}}` stands for a secret, and `\{{` for `{{`. At most 256 KiB of UTF-8. */
  readonly template: string;
}

/** More is no configuration. */
const REQUIRED_ENV_MAX = 1_000;
const CONFIG_FILES_MAX = 100;
const TEMPLATE_BYTES_MAX = 256 * 1024;
/** As POSIX has them (XBD 8.1), with lower case. */
const ENV_NAME = /^[A-Za-z_][A-Za-z0-9_]{0,254}$/;

/**
 * Returns what an agent needs, as it is kept.
 *
 * @throws {CoppiceError} INVALID_ARGUMENT where a path leads out of the agent's root, a template has what is no placeholder, or a rule is
 * none
 * @throws {RangeError} where there is more than may be
 */
export function checkAuth(auth: AgentAuth): AgentAuth {
  const { requiredEnv = [], configFiles = [], egress } = auth;
  requireAtMost("required variables", requiredEnv.length, REQUIRED_ENV_MAX);
  requireAtMost("configuration files", configFiles.length, CONFIG_FILES_MAX);
  for (const name of requiredEnv) {
    if (!ENV_NAME.test(name))
      throw invalid(`require variable ${JSON.stringify(name)}`, "give letters, digits and _");
  }
  const files = configFiles.map(checkFile);
  requireApart(files.map(({ path }) => path));
  return {
    ...(requiredEnv.length > 0 && { requiredEnv: [...new Set(requiredEnv)] }),
    ...(files.length > 0 && { configFiles: files }),
    ...(egress !== undefined && { egress: checkEgress(egress) }),
  };
}

function checkFile({ path, template }: ConfigFile): ConfigFile {
  const names = parseTreePath(path).map(String);
  const shown = JSON.stringify(path);
  if (
    path.startsWith("/") ||
    names.length === 0 ||
    /\p{Cc}/u.test(path) ||
    Buffer.from(path).toString() !== path
  )
    throw invalid(`write configuration file ${shown}`, "give a path relative to the agent's root");
  requireAtMost(
    `bytes in the template of ${shown}`,
    Buffer.byteLength(template),
    TEMPLATE_BYTES_MAX,
  );
  try {
    parseTemplate(template);
  } catch (error) {
    throw invalid(`use the template of ${shown}`, (error as Error).message);
  }
  return { path: names.join("/"), template };
}

/** @throws {CoppiceError} INVALID_ARGUMENT where two files are one, or one lies in the other */
function requireApart(paths: readonly string[]): void {
  for (const [index, path] of paths.entries()) {
    const other = paths.find(
      (each, at) => at !== index && (each === path || each.startsWith(`${path}/`)),
    );
    if (other !== undefined)
      throw invalid(
        `write configuration files ${JSON.stringify(path)} and ${JSON.stringify(other)}`,
        "one would take the other's place",
      );
  }
}

function requireAtMost(what: string, count: number, max: number): void {
  if (count > max) throw new RangeError(`Cannot take ${count} ${what}: give at most ${max}`);
}

function invalid(action: string, why: string): CoppiceError {
  return new CoppiceError("INVALID_ARGUMENT", `Cannot ${action}: ${why}`);
}
