/** Both: the same work in a workspace and in a plain directory. */
import { join } from "node:path";
import { expect } from "vitest";
import type { Workspace } from "#dist/workspace/workspace.js";
import { compareTrees } from "../support/compare-trees.js";
import { run } from "../support/run.js";
import type { Ground, GroundFixture } from "./ground.js";
import { expectCapturedAsCopied, expectState } from "./workspace-fixture.js";

/** The same work in a workspace and in a plain directory. */
export interface Both extends GroundFixture {
  readonly workspace: Workspace;
  readonly plain: string;
  readonly env: Readonly<Record<string, string>>;
  /** Runs a script in both, as `$WHO`, and returns what each of them printed. */
  sh(script: string): Promise<string>;
  /** Fails unless both hold the same, and a snapshot of the workspace does. */
  expectSame(counts?: (difference: string) => boolean): Promise<void>;
  /** Returns a fork of the workspace as it stands. */
  forked(): Promise<Workspace>;
}

/** Returns a workspace and a plain directory that hold what was filled in. */
export async function inBoth(
  ground: Ground,
  fill: string | ((directory: string) => unknown),
): Promise<Both> {
  const fixture = await ground.captured(fill);
  const { scratch, source, store, fork } = fixture;
  const { driver } = ground.place;
  const plain = join(scratch, "plain");
  await run("cp", ["-a", source, plain]);
  const workspace = await fork();
  let forks = 0;
  // Nobody's settings, and nothing that tells one run from the other but `$WHO`.
  const env = { PATH: process.env.PATH!, HOME: scratch, LC_ALL: "C", TZ: "UTC", ...dates };
  return {
    ...fixture,
    workspace,
    plain,
    env,
    async sh(script) {
      const args = ["-euc", script];
      const done = await workspace.exec("bash", args, { env: { ...env, WHO: "workspace" } });
      expect([done.exitCode, done.stderr]).toEqual([0, ""]);
      const same = await run(
        "env",
        [
          "-i",
          ...Object.entries({ ...env, WHO: "plain" }).map((each) => each.join("=")),
          "bash",
          ...args,
        ],
        { cwd: plain },
      );
      expect(done.stdout).toBe(same.stdout);
      return done.stdout;
    },
    async expectSame(counts = () => true) {
      // Not when it was done, nor how the blocks of a file are counted.
      const without = ["times", "holes"] as const;
      const found = await compareTrees(plain, workspace.path, { without });
      expect(found.filter(counts)).toEqual([]);
      await expectCapturedAsCopied(store, workspace);
    },
    async forked() {
      const child = await workspace.fork({ dir: join(scratch, `child-${forks++}`), driver });
      await expectState(store, child.path, workspace.head.digest);
      return child;
    },
  };
}

/** When everything was committed. */
const dates = {
  GIT_AUTHOR_DATE: "2020-02-02T02:02:02Z",
  GIT_COMMITTER_DATE: "2020-02-02T02:02:02Z",
};
