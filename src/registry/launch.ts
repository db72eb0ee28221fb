/**
 * Launch: a workspace with the files of an agent and its configuration, and what is to be run in it.
 *
 * Everything that may be missing is looked for before anything is made. Secrets go into the workspace's files alone: the paths of these
 * are left out of every snapshot of it before the first of them is written.
 */
import type { ForkOptions, Workspace } from "../index.js";
import { CoppiceError } from "../model/error.js";
import type { AgentAuth } from "./agent-auth.js";
import type { AgentVersion, Entrypoint } from "./agent-version.js";
import { versionText } from "./agent-version.js";
import { checkEntrypoint } from "./check-words.js";
import { requireConfigPlaces } from "./config-places.js";
import type { EgressRules } from "./egress.js";
import { checkEgress, mergeEgress } from "./egress.js";
import type { RegistryStore } from "./registry-store.js";
import type { Template } from "./template.js";
import { parseTemplate, render, secretsIn } from "./template.js";
import { writeConfigFile } from "./write-config-file.js";

/** How an agent is launched; `dir`, `name`, `driver`, `onExit` and `signal` are those of `Store.fork`. */
export interface LaunchOptions
  extends Pick<ForkOptions, "dir" | "name" | "driver" | "onExit" | "signal"> {
  /** Its environment. What the version requires must be in it. @default nothing */
  readonly env?: Readonly<Record<string, string>>;
  /** Secrets, by name, for the version's configuration files. They are kept nowhere else. @default none */
  readonly secrets?: Readonly<Record<string, string>>;
  /** What it may reach at most, whatever the version asks for. @default everything */
  readonly networkPolicy?: EgressRules;
  /** What is run instead of the version's own. */
  readonly entrypoint?: Entrypoint;
}

/** An agent that is ready to be run. */
export interface Launched {
  /** The version that it is. */
  readonly agent: AgentVersion;
  /** Where it runs. */
  readonly workspace: Workspace;
  /** What is to be run, as it was given. */
  readonly entrypoint: Entrypoint;
  /** The same as a program and its arguments. */
  readonly command: readonly [program: string, ...args: string[]];
  /** The environment that it was launched with. */
  readonly env: Readonly<Record<string, string>>;
  /** What both the version and `networkPolicy` allow, and neither denies. Whoever runs it enforces this. */
  readonly egress: Required<EgressRules>;
}

/** All files together; a template has a place for a secret again and again. */
const RENDERED_BYTES_MAX = 16 * 1024 * 1024;

/** Launches a version; see `Registry.launch`. */
export async function launch(
  store: RegistryStore,
  agent: AgentVersion,
  options: LaunchOptions,
): Promise<Launched> {
  const { env = {}, secrets = {}, networkPolicy = {}, entrypoint = agent.entrypoint } = options;
  const { dir, name, driver, onExit, signal } = options;
  checkEntrypoint(entrypoint);
  checkTexts("env", env);
  checkTexts("secrets", secrets);
  const egress = mergeEgress(agent.auth.egress ?? {}, checkEgress(networkPolicy));
  const files = renderFiles(agent, env, new Map(Object.entries(secrets)));
  const snapshot = await store.get(agent.snapshot);
  await requireConfigPlaces(snapshot, agent.auth);
  const workspace = await store.fork(snapshot, {
    ...(dir !== undefined && { dir }),
    ...(name !== undefined && { name }),
    ...(driver && { driver }),
    ...(onExit && { onExit }),
    ...(signal && { signal }),
    omit: files.map(({ path }) => path),
  });
  try {
    for (const { path, text } of files) writeConfigFile(workspace.path, path, text);
  } catch (error) {
    await workspace.discard({ force: true });
    throw error;
  }
  const command: Launched["command"] =
    typeof entrypoint === "string" ? ["sh", "-c", entrypoint] : asCommand(entrypoint);
  return { agent, workspace, entrypoint, command, env, egress };
}

/** @throws {CoppiceError} MISSING_ENV, MISSING_SECRET, LIMIT_EXCEEDED */
function renderFiles(
  agent: AgentVersion,
  env: Readonly<Record<string, string>>,
  secrets: ReadonlyMap<string, string>,
): { readonly path: string; readonly text: string }[] {
  const { requiredEnv = [], configFiles = [] }: AgentAuth = agent.auth;
  const missingEnv = requiredEnv.filter((name) => !Object.hasOwn(env, name));
  const templates = configFiles.map(({ path, template }) => ({
    path,
    template: parseTemplate(template),
  }));
  const missingSecrets = templates.flatMap(({ path, template }) =>
    secretsIn(template)
      .filter((name) => !secrets.has(name))
      .map((name) => `{{secrets.${name}}} of ${path}`),
  );
  if (missingEnv.length + missingSecrets.length > 0)
    throw missingError(agent, missingEnv, missingSecrets);
  requireRenderable(
    agent,
    templates.flatMap(({ template }) => template),
    secrets,
  );
  return templates.map(({ path, template }) => ({ path, text: render(template, secrets) }));
}

/** @throws {CoppiceError} LIMIT_EXCEEDED */
function requireRenderable(
  agent: AgentVersion,
  parts: Template,
  secrets: ReadonlyMap<string, string>,
): void {
  // A secret may be long, and have thousands of places.
  const sizes = new Map([...secrets].map(([name, text]) => [name, Buffer.byteLength(text)]));
  const sizeOf = (part: Template[number]) =>
    typeof part === "string" ? Buffer.byteLength(part) : (sizes.get(part.secret) as number);
  if (parts.reduce((sum, part) => sum + sizeOf(part), 0) <= RENDERED_BYTES_MAX) return;
  throw new CoppiceError(
    "LIMIT_EXCEEDED",
    `Cannot launch ${versionText(agent)}: its configuration files would have more than ${RENDERED_BYTES_MAX} bytes, give shorter secrets`,
  );
}

function missingError(
  agent: AgentVersion,
  env: readonly string[],
  secrets: readonly string[],
): CoppiceError {
  const what = [
    ...(env.length > 0 ? [`variables ${env.join(", ")} are not in env`] : []),
    ...(secrets.length > 0 ? [`nothing in secrets for ${secrets.join(", ")}`] : []),
  ];
  return new CoppiceError(
    env.length > 0 ? "MISSING_ENV" : "MISSING_SECRET",
    `Cannot launch ${versionText(agent)}: ${what.join("; ")}`,
  );
}

function checkTexts(option: string, texts: Readonly<Record<string, unknown>>): void {
  for (const [name, text] of Object.entries(texts)) {
    const isText = typeof text === "string" && !(option === "env" && text.includes("\0"));
    // What it is, is told to nobody: it may be a secret.
    if (!isText) throw new TypeError(`Cannot use ${option} ${JSON.stringify(name)}: give a text`);
  }
}

function asCommand([program, ...args]: readonly string[]): Launched["command"] {
  return [program as string, ...args];
}
