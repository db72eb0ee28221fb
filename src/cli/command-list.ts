/**
 * Command list: the commands by subject, in the order of the help, each loaded when it is needed.
 */
import type { Command } from "commander";

type LoadCommand = () => Promise<Command>;

/** By the heading in the help, and by their names. */
export const COMMANDS: Readonly<Record<string, Readonly<Record<string, LoadCommand>>>> = {
  "Snapshots:": {
    init: async () => (await import("./commands/init.js")).initCommand(),
    snapshot: async () => (await import("./commands/snapshot.js")).snapshotCommand(),
    import: async () => (await import("./commands/import.js")).importCommand(),
    log: async () => (await import("./commands/log.js")).logCommand(),
    ls: async () => (await import("./commands/ls.js")).lsCommand(),
    cat: async () => (await import("./commands/cat.js")).catCommand(),
    diff: async () => (await import("./commands/diff.js")).diffCommand(),
    merge: async () => (await import("./commands/merge.js")).mergeCommand(),
    tree: async () => (await import("./commands/tree.js")).treeCommand(),
    restore: async () => (await import("./commands/restore.js")).restoreCommand(),
    image: async () => (await import("./commands/image.js")).imageCommand(),
    rm: async () => (await import("./commands/rm.js")).rmCommand(),
  },
  "Workspaces:": {
    fork: async () => (await import("./commands/fork.js")).forkCommand(),
    workspaces: async () => (await import("./commands/workspaces.js")).workspacesCommand(),
    exec: async () => (await import("./commands/exec.js")).execCommand(),
    changes: async () => (await import("./commands/changes.js")).changesCommand(),
    apply: async () => (await import("./commands/apply.js")).applyCommand(),
    rollback: async () => (await import("./commands/rollback.js")).rollbackCommand(),
    mount: async () => (await import("./commands/mount.js")).mountCommand(),
    umount: async () => (await import("./commands/umount.js")).umountCommand(),
    discard: async () => (await import("./commands/discard.js")).discardCommand(),
  },
  "Agents and sandboxes:": {
    upload: async () => (await import("./commands/upload.js")).uploadCommand(),
    agents: async () => (await import("./commands/agents.js")).agentsCommand(),
    versions: async () => (await import("./commands/versions.js")).versionsCommand(),
    tag: async () => (await import("./commands/tag.js")).tagCommand(),
    untag: async () => (await import("./commands/untag.js")).untagCommand(),
    launch: async () => (await import("./commands/launch.js")).launchCommand(),
    download: async () => (await import("./commands/download.js")).downloadCommand(),
    delete: async () => (await import("./commands/delete.js")).deleteCommand(),
    limits: async () => (await import("./commands/limits.js")).limitsCommand(),
    sandbox: async () => (await import("./commands/sandbox/sandbox.js")).sandboxCommand(),
    profile: async () => (await import("./commands/profile.js")).profileCommand(),
    traces: async () => (await import("./commands/traces.js")).tracesCommand(),
  },
  "What stays:": {
    pin: async () => (await import("./commands/pin.js")).pinCommand(),
    unpin: async () => (await import("./commands/unpin.js")).unpinCommand(),
    retention: async () => (await import("./commands/retention.js")).retentionCommand(),
    prune: async () => (await import("./commands/prune.js")).pruneCommand(),
    erase: async () => (await import("./commands/erase.js")).eraseCommand(),
  },
  "Upkeep:": {
    gc: async () => (await import("./commands/gc.js")).gcCommand(),
    stats: async () => (await import("./commands/stats.js")).statsCommand(),
    verify: async () => (await import("./commands/verify.js")).verifyCommand(),
    repair: async () => (await import("./commands/repair.js")).repairCommand(),
    doctor: async () => (await import("./commands/doctor.js")).doctorCommand(),
  },
};
