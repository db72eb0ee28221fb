import { Command, Option } from "commander";
import type {
  DriverName,
  FreezerKind,
  SandboxIsolation,
  Sandbox as SandboxOf,
  SandboxRestoreOptions,
  Store,
} from "../../../index.js";
import { FREEZER_KINDS } from "../../../sandbox/processes/freezer.js";
import { action, type Invocation } from "../../invocation.js";
import { sandboxJson } from "../../json/sandbox-json.js";
import { collectLabel, driverOption, wholeNumber } from "../../options.js";
import { escapeText } from "../../output/escape-text.js";

interface MakeOptions {
  readonly dir?: string;
  readonly harness?: string;
  readonly model?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly secret?: Readonly<Record<string, string>>;
  readonly isolation?: "none" | "bubblewrap";
  readonly at?: string;
  readonly root?: boolean;
  readonly network?: boolean;
  readonly driver?: DriverName;
  readonly freezer?: FreezerKind;
  readonly quiet?: boolean;
}

interface CreateOptions extends MakeOptions {
  readonly base?: string;
  readonly capture?: string;
}

/** `coppice sandbox create`: makes one. */
export function createCommand(): Command {
  return withMakeOptions(
    new Command("create")
      .description("make a sandbox")
      .argument("[name]", "a name, which no other one has that lives")
      .addOption(
        new Option("-b, --base <snapshot>", "what it begins as (default: nothing is in it)"),
      )
      .addOption(
        new Option("--capture <directory>", "capture this directory, and begin as that").conflicts(
          "base",
        ),
      ),
  ).action(action(create));
}

/** `coppice sandbox restore`: makes one from a snapshot. */
export function restoreCommand(): Command {
  return withMakeOptions(
    new Command("restore")
      .description("make a sandbox from a snapshot, with its files and its config")
      .argument("<snapshot>", "id or name")
      .argument("[name]", "a name, which no other one has that lives")
      .option("-c, --count <count>", "so many; names end in -1, -2, ...", wholeNumber(1, 10_000)),
  ).action(action(restore));
}

function withMakeOptions(command: Command): Command {
  return command
    .option("--dir <directory>", "where its files are: missing or empty, outside the store")
    .option("--harness <harness>", "what drives the model; kept and captured")
    .option("--model <model>", "the model; kept and captured")
    .option(
      "-e, --env <name=value>",
      "a variable of its commands; may be given several times",
      collectLabel,
    )
    .option(
      "--secret <name=reference>",
      "a secret of its commands, as env:NAME or file:PATH",
      collectLabel,
    )
    .addOption(
      new Option("-i, --isolation <isolation>", "what keeps commands from the machine").choices([
        "none",
        "bubblewrap",
      ]),
    )
    .option("--at <directory>", "with bubblewrap: where commands see the files")
    .option("--root", "with bubblewrap: the files are the root directory of commands")
    .option("--network", "with bubblewrap: commands have the network")
    .addOption(driverOption())
    .addOption(
      new Option("--freezer <freezer>", "the only way to stop programs that will do").choices(
        FREEZER_KINDS,
      ),
    )
    .option("-q, --quiet", "print the ids alone");
}

async function create(
  invocation: Invocation,
  name: string | undefined,
  { base, capture, ...options }: CreateOptions,
): Promise<undefined> {
  const store = await invocation.openWholeStore();
  const { Sandbox } = await import("../../../sandbox/sandbox.js");
  const begin = capture === undefined ? base : { directory: capture };
  const sandbox = await invocation.runLong(({ signal }) =>
    Sandbox.create(store, {
      ...makeOptions(name, options),
      ...(begin !== undefined && { base: begin }),
      signal,
    }),
  );
  await tell(invocation, store, [sandbox], options);
}

async function restore(
  invocation: Invocation,
  reference: string,
  name: string | undefined,
  { count, ...options }: MakeOptions & { readonly count?: number },
): Promise<undefined> {
  const store = await invocation.openWholeStore();
  const { Sandbox } = await import("../../../sandbox/sandbox.js");
  const made = await invocation.runLong<readonly PromiseSettledResult<SandboxOf>[]>(
    async ({ signal }) => {
      const all = { ...makeOptions(name, options), signal };
      if (count !== undefined) return Sandbox.fromSnapshot(store, reference, { ...all, count });
      return [{ status: "fulfilled", value: await Sandbox.fromSnapshot(store, reference, all) }];
    },
  );
  const there = made.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
  await tell(invocation, store, there, options);
  // Those that could be made are there, and were told.
  for (const each of made) if (each.status === "rejected") throw each.reason;
}

function makeOptions(name: string | undefined, options: MakeOptions): SandboxRestoreOptions {
  const { dir, driver, freezer, harness, model, env, secret } = options;
  const config = { harness, model, environment: env, secrets: secret };
  const given = Object.entries(config).filter(([, value]) => value !== undefined);
  const isolation = isolationOf(options);
  return {
    ...(name !== undefined && { name }),
    ...(dir !== undefined && { dir }),
    ...(driver !== undefined && { driver }),
    ...(freezer !== undefined && { freezer }),
    ...(isolation !== undefined && { isolation }),
    ...(given.length > 0 && { config: Object.fromEntries(given) }),
  };
}

function isolationOf({ isolation, at, root, network }: MakeOptions): SandboxIsolation | undefined {
  if (at === undefined && root === undefined && network === undefined) return isolation;
  return {
    kind: isolation === "none" ? ("none" as never) : "bubblewrap",
    ...(at !== undefined && { at }),
    ...(root !== undefined && { root }),
    ...(network !== undefined && { network }),
  };
}

async function tell(
  { output }: Invocation,
  store: Pick<Store, "workspaces">,
  sandboxes: readonly SandboxOf[],
  { quiet }: MakeOptions,
): Promise<void> {
  if (output.isJson) {
    await output.printJson({
      sandboxes: sandboxes.map(({ info, path }) => sandboxJson(info, path)),
    });
    return;
  }
  const ids = sandboxes.map(({ id }) => id);
  if (quiet === true) return output.print(...ids);
  const { style } = output;
  const drivers = new Map((await store.workspaces()).map(({ path, driver }) => [path, driver]));
  for (const { id, name, path, freezer } of sandboxes)
    await output.print(
      `${style("green", "✔")} ${style("yellow", id)} ${style("bold", escapeText(name ?? ""))}`.trimEnd(),
      `  ${escapeText(path)}, by driver ${drivers.get(path)}, freezer ${freezer.kind}`,
    );
}
