/**
 * Environment: what variables a command gets. Of this process's own ones only those that say where programs are and how text is
 * shown: others may hold credentials, and an agent is to have none that it was not given.
 *
 * Later ones win: those of this process, `COPPICE_SANDBOX` and `COPPICE_COMMAND`, the config's environment, its secrets, those of the call.
 */
import { CoppiceError } from "../../model/error.js";
import { listed } from "../../model/listed.js";
import type { ResolveSecret, SandboxConfig } from "../sandbox-config.js";
import { resolveSecrets } from "./resolve-secrets.js";

const INHERITED = [
  "PATH",
  "HOME",
  "LANG",
  "LANGUAGE",
  "LC_ALL",
  "LC_CTYPE",
  "TERM",
  "TZ",
  "USER",
  "LOGNAME",
  "SHELL",
];

/** What programs are looked for in where this process does not know. */
const PATH_DEFAULT = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** A command's variables, and those of their values that nobody is to be told. */
export interface CommandEnvironment {
  readonly variables: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
}

/**
 * Returns the environment of a command.
 *
 * @param own those of the sandbox that say what it is
 * @throws {CoppiceError} NOT_FOUND where secrets are missing, naming all of them
 */
export async function environmentOf(
  { environment = {}, secrets = {} }: SandboxConfig,
  resolveSecret: ResolveSecret | undefined,
  own: Readonly<Record<string, string>>,
  given: Readonly<Record<string, string | undefined>>,
): Promise<CommandEnvironment> {
  const { values, missing } = await resolveSecrets(secrets, resolveSecret);
  if (missing.length > 0)
    throw new CoppiceError(
      "NOT_FOUND",
      `Cannot run command: no secret is there for ${listed(missing)}, have resolveSecret give ${missing.length === 1 ? "it" : "them"}`,
    );
  const all = { ...inherited(), ...own, ...environment, ...values, ...given };
  return {
    variables: Object.fromEntries(
      Object.entries(all).filter((each): each is [string, string] => each[1] !== undefined),
    ),
    secrets: Object.values(values).filter((value) => value !== ""),
  };
}

/** Returns what is told of a command, with no secret left in it. */
export function shownWithout(
  shown: Readonly<Record<string, string | readonly string[]>>,
  secrets: readonly string[],
): Record<string, unknown> {
  // The longest first: one may be part of another.
  const sorted = [...secrets].sort((a, b) => b.length - a.length);
  const hide = (text: string) => sorted.reduce((all, each) => all.replaceAll(each, "***"), text);
  const members = Object.entries(shown).map(([name, value]) => [
    name,
    typeof value === "string" ? hide(value) : value.map(hide),
  ]);
  return Object.fromEntries(members) as Record<string, unknown>;
}

/** Where this process looks for programs. */
export function processPath(): string {
  return inherited().PATH ?? PATH_DEFAULT;
}

function inherited(): Record<string, string> {
  // A program needs to know where programs are; no other variable is read, and the library itself goes by none.
  const { env } = process;
  const found = INHERITED.flatMap((name) => {
    const value = env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { PATH: PATH_DEFAULT, ...Object.fromEntries(found) };
}
