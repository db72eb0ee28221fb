import { Command } from "commander";
import { createCommand, restoreCommand } from "./create.js";
import { eventsCommand } from "./events.js";
import { execCommand } from "./exec.js";
import { filesCommand } from "./files.js";
import { listCommand } from "./list.js";
import { snapshotCommand, snapshotsCommand } from "./snapshots.js";
import { deleteCommand, pauseCommand, resumeCommand } from "./state.js";

/** `coppice sandbox`: named workspaces in which programs run. */
export function sandboxCommand(): Command {
  const group = new Command("sandbox").description(
    "run programs in named workspaces that can be paused, captured and made again",
  );
  for (const make of [
    createCommand,
    listCommand,
    execCommand,
    filesCommand,
    snapshotCommand,
    snapshotsCommand,
    restoreCommand,
    pauseCommand,
    resumeCommand,
    eventsCommand,
    deleteCommand,
  ])
    group.addCommand(make());
  return group;
}
