/**
 * Test draft: a setup run for what it says, with nothing left of it.
 */
import { checkedDraft } from "./define.js";
import type { JobOutput } from "./job-output.js";
import { OutputBuffer } from "./job-output.js";
import type { SetupUse } from "./prepare.js";
import { prepare } from "./prepare.js";
import type { ProfileDraft, StoredDraft } from "./profile-draft.js";
import { requireProfile } from "./profile-row.js";
import { beginUnnamed, beginWork, cleanUp } from "./settle.js";
import type { ProfileParts } from "./store-calls.js";

/** How a draft is tested. */
export interface TestOptions extends SetupUse {
  /** Ends it early. */
  readonly signal?: AbortSignal | undefined;
}

/** How a setup did. */
export interface ProfileTest {
  /** Whether a job of it would be ready. */
  readonly ok: boolean;
  /** What the setup ended with; missing where it was ended. */
  readonly exitCode?: number;
  /** Why it failed. */
  readonly error?: string;
  /** What it wrote. */
  readonly output: JobOutput;
  /** Milliseconds on a monotonic clock. */
  readonly durationMs: number;
}

/** Runs the setup of a draft; see `Profiles.test`. */
export async function testDraft(
  parts: ProfileParts,
  draft: ProfileDraft | string,
  { signal = new AbortController().signal, resolveSecret, onOutput }: TestOptions,
): Promise<ProfileTest> {
  const startedMs = performance.now();
  await beginWork(parts);
  const { database, transaction } = parts.store.ledger;
  const stored =
    typeof draft === "string"
      ? (JSON.parse(transaction.read(() => requireProfile(database, draft)).draft) as StoredDraft)
      : await checkedDraft(parts, draft);
  const id = beginUnnamed(parts, "test");
  const kept = new OutputBuffer();
  const preparation = {
    ...{ id, draft: stored, base: null, signal, resolveSecret },
    onOutput: (bytes: Buffer) => {
      kept.add(bytes);
      onOutput?.(bytes);
    },
  };
  try {
    const end = await prepare(parts, preparation, async (_, ended) => ended);
    const durationMs = performance.now() - startedMs;
    return { ok: end.error === undefined, ...end, output: kept.output, durationMs };
  } finally {
    await cleanUp(parts.store, id);
    transaction.run(
      () => database.prepare("DELETE FROM profile_job WHERE id = ?").run(id),
      "relaxed",
    );
  }
}
