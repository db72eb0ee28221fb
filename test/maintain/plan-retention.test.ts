import fc from "fast-check";
import { expect, test } from "vitest";
import type { RetentionRow } from "#dist/catalog/retention-table.js";
import type { RetentionPolicy } from "#dist/index.js";
import type { RetentionState } from "#dist/maintain/retention/plan-retention.js";
import { newestOfTheirs, planRetention } from "#dist/maintain/retention/plan-retention.js";

const DAY = 86_400_000;
const NOW = 1_000 * DAY;

/** Rows of one directory, the first one made today, and each day before that another one. */
function daily(count: number, change: (row: RetentionRow) => Partial<RetentionRow> = () => ({})) {
  return Array.from({ length: count }, (_, age) => {
    const row = {
      id: `s${age}`,
      name: undefined,
      source: "/d",
      createdMs: NOW - age * DAY,
      sequence: 1_000 - age,
    };
    return { ...row, ...change(row) };
  });
}

function state(
  snapshots: readonly RetentionRow[],
  rest: Partial<RetentionState> = {},
): RetentionState {
  return { snapshots, pinned: new Set(), workspaces: new Set(), ...rest };
}

function stays(given: RetentionState, policy: RetentionPolicy): string[] {
  return planRetention(given, policy, NOW)
    .filter((each) => each.stays)
    .map(({ row }) => row.id);
}

test("keepLast keeps the newest of each directory and nothing else", () => {
  const other = daily(3, ({ id }) => ({ id: `o${id}`, source: "/other" }));
  expect(stays(state([...daily(5), ...other]), { keepLast: 2 }).sort()).toEqual([
    "os0",
    "os1",
    "s0",
    "s1",
  ]);
});

test("keepWithin keeps what is younger, and the newest however old it is", () => {
  expect(stays(state(daily(5)), { keepWithin: 2 * DAY })).toEqual(["s0", "s1"]);
  expect(stays(state(daily(5).slice(3)), { keepWithin: 2 * DAY })).toEqual(["s3"]);
});

test("of two rules each keeps what the other does not", () => {
  expect(stays(state(daily(5)), { keepLast: 1, keepWithin: 3 * DAY })).toEqual(["s0", "s1", "s2"]);
});

test("a limit goes before a rule: ttl ends what keepLast keeps, also the newest", () => {
  expect(stays(state(daily(5)), { keepLast: 4, ttl: DAY })).toEqual(["s0", "s1"]);
  expect(stays(state(daily(5).slice(3)), { keepLast: 4, ttl: DAY })).toEqual([]);
});

test("maxPerName counts names that share what is before the last @, and no others", () => {
  const names = ["a@b@3", "a@b@2", "a@c", "plain", "a@b@1"];
  const rows = daily(5, ({ id }) => ({ name: names[Number(id.slice(1))]! }));
  expect(stays(state(rows), { maxPerName: 2 })).toEqual(["s0", "s1", "s2", "s3"]);
  expect(stays(state(rows), { maxPerName: 1 })).toEqual(["s0", "s2", "s3"]);
});

test("the order in which snapshots were made counts, not their clock", () => {
  const rows = daily(3, ({ id }) => ({ createdMs: id === "s0" ? NOW - 100 * DAY : NOW }));
  expect(stays(state(rows), { keepLast: 1 })).toEqual(["s0"]);
});

test("each decision has its reason", () => {
  const rows = daily(6, ({ id }) => ({ name: id === "s1" || id === "s2" ? `n@${id}` : undefined }));
  const given = state(rows, { pinned: new Set(["s5"]), workspaces: new Set(["s4"]) });
  const plan = planRetention(
    given,
    { keepLast: 1, maxPerName: 1, keepWithin: 1.5 * DAY, ttl: 4.5 * DAY },
    NOW,
  );
  expect(plan.map(({ reason }) => reason)).toEqual([
    "keepLast",
    "keepWithin",
    "maxPerName",
    "unkept",
    "workspace",
    "pinned",
  ]);
});

const row: fc.Arbitrary<Omit<RetentionRow, "id" | "sequence">> = fc.record({
  name: fc.option(fc.constantFrom("a@1", "a@2", "b@1", "a", "c@"), { nil: undefined }),
  source: fc.constantFrom("/x", "/y", ""),
  createdMs: fc.integer({ min: NOW - 30 * DAY, max: NOW + DAY }),
});
const policy: fc.Arbitrary<RetentionPolicy> = fc.record(
  {
    keepLast: fc.integer({ min: 1, max: 5 }),
    keepWithin: fc.integer({ min: 0, max: 40 * DAY }),
    ttl: fc.integer({ min: 0, max: 40 * DAY }),
    maxPerName: fc.integer({ min: 1, max: 3 }),
  },
  { requiredKeys: [] },
);
const world = fc.array(fc.tuple(row, fc.boolean(), fc.boolean()), { maxLength: 12 }).map((all) => {
  const snapshots = all.map(([each], index) => ({ ...each, id: `s${index}`, sequence: index }));
  const chosen = (at: 1 | 2) =>
    new Set(snapshots.filter((_, index) => all[index]![at]).map(({ id }) => id));
  return { snapshots, pinned: chosen(1), workspaces: chosen(2) };
});

test("law: what is pinned, or stood on by a workspace, never goes", () => {
  fc.assert(
    fc.property(world, policy, (given, rules) => {
      const kept = new Set(stays(given, rules));
      for (const id of [...given.pinned, ...given.workspaces]) expect(kept.has(id)).toBe(true);
    }),
  );
});

test("law: a plan does not depend on the order of its rows", () => {
  fc.assert(
    fc.property(world, policy, fc.infiniteStream(fc.nat()), (given, rules, keys) => {
      const shuffled = given.snapshots
        .map((each) => ({ each, key: keys.next().value as number }))
        .sort((a, b) => a.key - b.key)
        .map(({ each }) => each);
      expect(planRetention({ ...given, snapshots: shuffled }, rules, NOW)).toEqual(
        planRetention(given, rules, NOW),
      );
    }),
  );
});

test("law: a plan that was carried out has nothing more to say at the same time", () => {
  fc.assert(
    fc.property(world, policy, (given, rules) => {
      const kept = new Set(stays(given, rules));
      const rest = { ...given, snapshots: given.snapshots.filter(({ id }) => kept.has(id)) };
      expect(stays(rest, rules)).toHaveLength(kept.size);
    }),
  );
});

test("law: without ttl a directory never loses its newest snapshot, unless its series has newer ones", () => {
  fc.assert(
    fc.property(world, policy, (given, { ttl: _, maxPerName: __, ...rules }) => {
      const kept = new Set(stays(given, rules));
      const sources = new Set<string>();
      for (const { id, source } of given.snapshots.toReversed()) {
        if (!sources.has(source)) expect(kept.has(id)).toBe(true);
        sources.add(source);
      }
    }),
  );
});

test("law: of each directory and series one is the newest", () => {
  fc.assert(
    fc.property(world, ({ snapshots }) => {
      const newest = newestOfTheirs(snapshots);
      for (const source of new Set(snapshots.map((each) => each.source))) {
        const last = snapshots.findLast((each) => each.source === source)!;
        expect(newest.has(last.id)).toBe(true);
      }
    }),
  );
});
