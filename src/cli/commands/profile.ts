import { Command, Option } from "commander";
import type { ProfileJob, Store } from "../../index.js";
import { EXIT } from "../exit-codes.js";
import { action, type Invocation } from "../invocation.js";
import { jobJson, profileJson, versionJson } from "../json/profile-json.js";
import { wholeNumber } from "../options.js";
import {
  describeJob,
  describeJobs,
  describeProfile,
  describeProfiles,
} from "../output/describe-profiles.js";
import { addDraftOptions, type DraftOptions, draftOf } from "../profile-options.js";
import { durationArgument } from "../quantities.js";
import { UsageError } from "../usage-error.js";

interface RunOptions {
  readonly run: boolean;
}

interface PageOptions {
  readonly limit?: number;
  readonly cursor?: string;
}

/** `coppice profile`: prepared images. */
export function profileCommand(): Command {
  const named = (name: string, description: string): Command =>
    new Command(name).description(description).argument("<name>", "the profile's");
  return new Command("profile")
    .description("prepare images by setup scripts, and keep them fresh")
    .addCommand(
      addDraftOptions(named("define", "put a draft under a name; what was published stays")).action(
        action(define),
      ),
    )
    .addCommand(
      addDraftOptions(
        new Command("test")
          .description(
            "run a setup and keep nothing of it: that of a profile's draft, or of the options",
          )
          .argument("[name]", "the profile's"),
      ).action(action(testDraft)),
    )
    .addCommand(
      addRunOptions(named("publish", "make the draft the next version, and its snapshot")).action(
        action((invocation, name: string, options: RunOptions) =>
          follow(invocation, options, ({ profiles }, use) => profiles.publish(name, use)),
        ),
      ),
    )
    .addCommand(
      addRunOptions(named("refresh", "make the snapshot of the published version anew")).action(
        action((invocation, name: string, options: RunOptions) =>
          follow(invocation, options, ({ profiles }, use) => profiles.refresh(name, use)),
        ),
      ),
    )
    .addCommand(
      addPageOptions(new Command("list").description("list profiles")).action(action(list)),
    )
    .addCommand(named("show", "tell what a profile is, with its versions").action(action(show)))
    .addCommand(
      addPageOptions(named("jobs", "list the jobs of a profile, the newest first")).action(
        action(jobs),
      ),
    )
    .addCommand(
      new Command("output")
        .description("print what the setup of a job wrote")
        .argument("<job>", "its id")
        .action(action(output)),
    )
    .addCommand(
      named("wait", "wait until the published version has a snapshot, and print its id")
        .option("--timeout <duration>", "at most so long, as 10min", durationArgument)
        .action(action(wait)),
    )
    .addCommand(
      new Command("work")
        .description("run queued jobs, and refreshes that are due, until told to end (Ctrl-C)")
        .option("--no-schedule", "leave refreshes alone that are due")
        .action(action(work)),
    )
    .addCommand(named("remove", "remove a profile with its snapshots").action(action(remove)));
}

function addRunOptions(command: Command): Command {
  return command.option("--no-run", "only queue the job: whoever runs `profile work` takes it");
}

function addPageOptions(command: Command): Command {
  return command
    .option("-m, --limit <count>", "at most so many, 100 unless told", wholeNumber(1, 1_000))
    .addOption(new Option("--cursor <cursor>", "go on where a list ended"));
}

async function define(
  invocation: Invocation,
  name: string,
  options: DraftOptions,
): Promise<undefined> {
  const { profiles } = await invocation.openWholeStore();
  const profile = await misusable(() => profiles.define(name, draftOf(options)));
  await tell(invocation, profileJson(profile), () =>
    describeProfile(profile, [], invocation.output.style),
  );
}

async function testDraft(invocation: Invocation, name: string | undefined, options: DraftOptions) {
  const { profiles } = await invocation.openWholeStore();
  const { output: out } = invocation;
  const draft = name ?? draftOf(options);
  const tested = await invocation.runLong(({ signal }) =>
    misusable(() => profiles.test(draft, { signal, ...useOf(invocation) })),
  );
  if (out.isJson) await out.printJson(tested);
  else if (tested.error !== undefined) out.remark(tested.error);
  return tested.ok ? EXIT.ok : EXIT.failed;
}

/** Shows what a setup writes as it comes, and returns with its end. */
async function follow(
  invocation: Invocation,
  { run }: RunOptions,
  begin: (store: Store, use: ReturnType<typeof useOf> & RunOptions) => Promise<ProfileJob>,
): Promise<number> {
  const store = await invocation.openWholeStore();
  const { output: out } = invocation;
  // From before the job can begin, a signal ends the work and not the process.
  const job = await invocation.runLong(async ({ signal }) => {
    const begun = await begin(store, { run, ...useOf(invocation) });
    if (!run) return begun;
    await store.profiles.waitForJob(begun.id, { signal });
    return store.profiles.job(begun.id);
  });
  await tell(invocation, jobJson(job), () => describeJob(job, out.style));
  return job.state === "failed" ? EXIT.failed : EXIT.ok;
}

async function list(invocation: Invocation, page: PageOptions): Promise<undefined> {
  const { profiles } = await invocation.openWholeStore();
  const { items, cursor } = await profiles.list(page);
  const document = { profiles: items.map(profileJson), cursor: cursor ?? null };
  await tell(invocation, document, () => [
    ...describeProfiles(items, invocation.output.style),
    ...more(invocation, cursor),
  ]);
}

async function show(invocation: Invocation, name: string): Promise<undefined> {
  const { profiles } = await invocation.openWholeStore();
  const profile = await profiles.get(name);
  const { items } = await profiles.versions(name);
  await tell(invocation, { ...profileJson(profile), versions: items.map(versionJson) }, () =>
    describeProfile(profile, items, invocation.output.style),
  );
}

async function jobs(invocation: Invocation, name: string, page: PageOptions): Promise<undefined> {
  const { profiles } = await invocation.openWholeStore();
  const { items, cursor } = await profiles.jobs(name, page);
  await tell(invocation, { jobs: items.map(jobJson), cursor: cursor ?? null }, () => [
    ...describeJobs(items, invocation.output.style),
    ...more(invocation, cursor),
  ]);
}

async function output(invocation: Invocation, job: string): Promise<undefined> {
  const { profiles } = await invocation.openWholeStore();
  const found = await profiles.output(job);
  if (invocation.output.isJson) await invocation.output.printJson(found);
  else await invocation.output.write(Buffer.from(found.text));
}

async function wait(
  invocation: Invocation,
  name: string,
  { timeout }: { timeout?: number },
): Promise<undefined> {
  const { profiles } = await invocation.openWholeStore();
  const { id } = await invocation.runLong(({ signal }) =>
    profiles.waitUntilReady(name, { timeout, signal }),
  );
  await tell(invocation, { snapshot: id }, () => [id]);
}

async function work(
  invocation: Invocation,
  { schedule }: { readonly schedule: boolean },
): Promise<undefined> {
  const { profiles } = await invocation.openWholeStore();
  await invocation.runLong(async ({ signal }) => {
    const options = { signal, ...useOf(invocation) };
    await Promise.all([profiles.work(options), ...(schedule ? [profiles.schedule(options)] : [])]);
  });
}

async function remove(invocation: Invocation, name: string): Promise<undefined> {
  const { profiles } = await invocation.openWholeStore();
  await profiles.remove(name);
  await tell(invocation, { removed: name }, () => [`Removed ${name}`]);
}

/** Secrets are variables of this process; what setups write goes to standard error, beside the result. */
function useOf({ output: { isJson } }: Invocation) {
  return {
    resolveSecret: (name: string) => process.env[name],
    ...(!isJson && { onOutput: (bytes: Buffer) => void process.stderr.write(bytes) }),
  };
}

async function tell(
  { output: out }: Invocation,
  document: unknown,
  lines: () => readonly string[],
): Promise<undefined> {
  if (out.isJson) await out.printJson(document);
  else await out.print(...lines());
}

function more({ output: { style } }: Invocation, cursor: string | undefined): string[] {
  return cursor === undefined ? [] : [style("dim", `more with --cursor ${cursor}`)];
}

/** What the library takes for misuse was written on the command line. */
async function misusable<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError)
      throw new UsageError(error.message);
    throw error;
  }
}
