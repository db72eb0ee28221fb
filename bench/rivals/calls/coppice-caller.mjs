/** The library of Coppice, with the driver that is compared, or an error where it does not work. */
import { Store } from "coppice";

/**
 * @param {import("./caller.mjs").CallerPlace} place
 * @returns {Promise<import("./caller.mjs").Caller>}
 */
export async function coppiceCaller({ repository }) {
  const store = await Store.open(repository);
  const base = await store.get("base");
  /** @type {Map<string, import("coppice").Workspace>} */
  const workspaces = new Map();
  /** @type {Map<string, import("coppice").Snapshot>} */
  const snapshots = new Map();
  const workspaceAt = (/** @type {string} */ target) => {
    const workspace = workspaces.get(target);
    if (workspace === undefined) throw new Error(`No workspace at ${target}`);
    return workspace;
  };
  return {
    async fork(target) {
      workspaces.set(target, await store.fork(base, { dir: target, driver: "overlayfs" }));
    },
    async forkMany(prefix, count) {
      const made = await store.fork(base, { dir: prefix, count, driver: "overlayfs" });
      for (const [index, outcome] of made.entries()) {
        if (outcome.status === "rejected") throw outcome.reason;
        workspaces.set(`${prefix}-${index + 1}`, outcome.value);
      }
    },
    async snapshot(target, label, durability) {
      const { snapshot, isUnchanged } = await workspaceAt(target).snapshot({ durability });
      if (isUnchanged) throw new Error(`Nothing had changed before snapshot ${label}`);
      snapshots.set(label, snapshot);
    },
    async snapshotUnchanged(target, label) {
      const { isUnchanged } = await workspaceAt(target).snapshot();
      if (!isUnchanged) throw new Error(`Something had changed before snapshot ${label}`);
    },
    async readBack(label, path) {
      const snapshot = snapshots.get(label);
      if (snapshot === undefined) throw new Error(`No snapshot ${label}`);
      return snapshot.readFile(path);
    },
    rollback: (target) => workspaceAt(target).rollback(),
    async discard(target) {
      await workspaceAt(target).discard();
      workspaces.delete(target);
    },
    async close() {
      for (const workspace of workspaces.values()) await workspace.discard({ force: true });
      await store.close();
    },
  };
}
