/** Refreshes that are due, by a clock that is set by hand. */
import { expect, test } from "vitest";
import { Store } from "#dist/index.js";
import { nextRefresh } from "#dist/profile/next-refresh.js";
import { Profiles } from "#dist/profile/profiles.js";
import { openProfiles, until } from "./open-profiles.js";

const HOUR = 3_600_000;

/** A clock that stands still until it is set; several processes may go by it. */
class TestClock {
  #nowMs = new Date(2026, 0, 5, 12).getTime();
  #waiting: { readonly timeMs: number; readonly wake: () => void }[] = [];

  now = (): number => this.#nowMs;

  until = (timeMs: number, signal: AbortSignal | undefined): Promise<void> =>
    new Promise((resolve) => {
      if (signal?.aborted === true) resolve();
      else {
        const wake = (): void => {
          signal?.removeEventListener("abort", wake);
          resolve();
        };
        this.#waiting.push({ timeMs, wake });
        signal?.addEventListener("abort", wake, { once: true });
      }
    });

  /** When whoever waits is to be woken. */
  get waiting(): number[] {
    return this.#waiting.map(({ timeMs }) => timeMs - this.#nowMs);
  }

  forward(byMs: number): void {
    this.#nowMs += byMs;
    const due = this.#waiting.filter(({ timeMs }) => timeMs <= this.#nowMs);
    this.#waiting = this.#waiting.filter(({ timeMs }) => timeMs > this.#nowMs);
    for (const { wake } of due) wake();
  }
}

/** Makes a profile that is ready and due every so often. */
async function makeScheduled(refreshEvery: number | string) {
  const { store } = await openProfiles();
  const clock = new TestClock();
  const profiles = new Profiles(store, clock);
  await profiles.define("web", { setup: "true", refreshEvery });
  await profiles.publish("web");
  await until(async () => (await profiles.get("web")).state === "ready");
  const count = async () => (await profiles.jobs("web")).items.length;
  const settled = async (): Promise<void> => {
    await until(async () => (await profiles.get("web")).state !== "queued");
    await until(async () => (await profiles.get("web")).state !== "running");
  };
  return { store, clock, profiles, count, settled };
}

test("a profile is refreshed when it is due, and not before", async () => {
  const { clock, profiles, count, settled } = await makeScheduled(6 * HOUR);
  const end = new AbortController();
  const scheduling = profiles.schedule({ signal: end.signal });
  for (let passed = 59_000; passed < 6 * HOUR; passed += 59_000) {
    await until(async () => clock.waiting.length === 1);
    clock.forward(59_000);
  }
  await until(async () => clock.waiting.length === 1);
  const jobs = await count();
  clock.forward(120_000);
  await until(async () => clock.waiting.length === 1);
  await settled();
  expect([jobs, await count()]).toEqual([1, 2]);
  expect((await profiles.jobs("web")).items[0]).toMatchObject({
    reason: "schedule",
    state: "ready",
  });
  end.abort();
  await scheduling;
  await profiles.close();
});

test("several processes that schedule make one job of each time that is due", async () => {
  const { store, clock, profiles, count, settled } = await makeScheduled(HOUR);
  const others = await Promise.all(Array.from({ length: 3 }, () => Store.open(store.directory)));
  const all = [profiles, ...others.map((other) => new Profiles(other, clock))];
  const end = new AbortController();
  const scheduling = all.map((each) => each.schedule({ signal: end.signal }));
  await until(async () => clock.waiting.length === all.length);
  for (let round = 1; round <= 3; round++) {
    clock.forward(HOUR);
    await until(async () => clock.waiting.length === all.length);
    await settled();
    expect(await count()).toBe(1 + round);
  }
  end.abort();
  await Promise.all(scheduling);
  for (const each of all) await each.close();
  for (const other of others) await other.close();
});

test("what was due while nobody scheduled is made up for once", async () => {
  const { clock, profiles, count, settled } = await makeScheduled(HOUR);
  clock.forward(100 * HOUR);
  const end = new AbortController();
  const scheduling = profiles.schedule({ signal: end.signal });
  await until(async () => clock.waiting.length === 1);
  await settled();
  expect(await count()).toBe(2);
  end.abort();
  await scheduling;
  await profiles.close();
});

test("a cron expression is due at its next time after the last job, in local time", () => {
  const at = (...time: [number, number, number, number?, number?]) => new Date(...time).getTime();
  expect(nextRefresh("0 4 * * *", at(2026, 0, 5, 12))).toBe(at(2026, 0, 6, 4));
  expect(nextRefresh("*/15 * * * *", at(2026, 0, 5, 12, 1))).toBe(at(2026, 0, 5, 12, 15));
  expect(nextRefresh("0 0 29 2 *", at(2026, 0, 5))).toBe(at(2028, 1, 29));
  expect(nextRefresh(5_000, 7)).toBe(5_007);
  expect(() => nextRefresh("0 4 * *", 0)).toThrow(TypeError);
});
