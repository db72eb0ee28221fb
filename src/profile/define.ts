/**
 * Define: a draft is put under a name, for the first time or in place of the one before.
 */
import { resolve } from "node:path";
import { checkName } from "../model/check-options.js";
import { CoppiceError } from "../model/error.js";
import type { ProfileDraft, StoredDraft } from "./profile-draft.js";
import { storedDraft } from "./profile-draft.js";
import type { Profile, ProfileRow } from "./profile-row.js";
import { profileOf, requireProfile } from "./profile-row.js";
import { baseProfile } from "./publish.js";
import type { ProfileParts } from "./store-calls.js";

/** Puts a draft under a name; see `Profiles.define`. */
export async function define(
  parts: ProfileParts,
  name: string,
  draft: ProfileDraft,
): Promise<Profile> {
  checkName(name);
  const stored = await checkedDraft(parts, draft);
  const { store, clock } = parts;
  const { database, transaction } = store.ledger;
  return transaction.run(() => {
    requireNoCircle(parts, name, stored);
    const nowMs = clock.now();
    database
      .prepare(
        `INSERT INTO profile (name, draft, next_version, created_ms, changed_ms) VALUES (?, ?, 1, ?, ?)
         ON CONFLICT (name) DO UPDATE SET draft = excluded.draft, changed_ms = excluded.changed_ms`,
      )
      .run(name, JSON.stringify(stored), nowMs, nowMs);
    return profileOf(database, requireProfile(database, name));
  });
}

/**
 * Returns a draft as it is kept, after a look whether its base is there.
 *
 * @throws {CoppiceError} NOT_FOUND, AMBIGUOUS
 */
export async function checkedDraft(
  { store }: ProfileParts,
  draft: ProfileDraft,
): Promise<StoredDraft> {
  const stored = storedDraft(draft);
  const { base } = stored;
  if (typeof base === "string") await store.get(base);
  if (typeof base !== "object") return stored;
  if ("directory" in base) return { ...stored, base: { directory: resolve(base.directory) } };
  const { database, transaction } = store.ledger;
  transaction.read(() => requireProfile(database, base.profile));
  return stored;
}

/** @throws {CoppiceError} INVALID_ARGUMENT where a profile would begin with itself */
function requireNoCircle({ store }: ProfileParts, name: string, draft: StoredDraft): void {
  const find = store.ledger.database.prepare("SELECT * FROM profile WHERE name = ?");
  const seen = [name];
  for (let next = baseProfile(JSON.stringify(draft)); next !== undefined; ) {
    if (seen.includes(next))
      throw new CoppiceError(
        "INVALID_ARGUMENT",
        `Cannot define profile ${name}: it would begin with itself, by way of ${seen.join(", ")}; give another base`,
      );
    seen.push(next);
    const row = find.get(next) as ProfileRow | undefined;
    next = row === undefined ? undefined : baseProfile(row.draft);
  }
}
