import { Command } from "commander";
import { deleteCommand } from "./delete.js";
import { limitsCommand } from "./limits.js";
import { listCommand } from "./list.js";

/** `coppice agents`: what there is, and what stays of it. */
export function agentsCommand(): Command {
  const group = new Command("agents").description(
    "list the agents, delete versions of them, or limit how many stay",
  );
  group.addCommand(listCommand(), { isDefault: true });
  for (const make of [deleteCommand, limitsCommand]) group.addCommand(make());
  return group;
}
