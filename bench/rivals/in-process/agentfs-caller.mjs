/**
 * AgentFS' package for Node.js: files in a database of SQLite on disk, through its own calls. It has no call that forks, none
 * that keeps a state, and no synchronous ones.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { AgentFS } from "agentfs-sdk";
import { treeFiles } from "./tree-files.mjs";

/** @type {import("./caller.mjs").MakeCaller} */
export async function agentfsCaller({ directory, count }) {
  const path = join(directory, "files.db");
  const isNew = !existsSync(path);
  const agent = await AgentFS.open({ path });
  if (isNew) {
    for (const { files } of treeFiles(count))
      for (const { path: file, bytes } of files) await agent.fs.writeFile(file, bytes);
  }
  return {
    files: /** @type {any} */ (agent.fs),
    close: () => agent.close(),
  };
}
