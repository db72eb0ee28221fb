import type { WorkspaceInfo } from "../../index.js";

/** Returns what JSON tells of a workspace; members that it lacks are `null`. */
export function workspaceJson(workspace: WorkspaceInfo) {
  return {
    id: workspace.id,
    name: workspace.name ?? null,
    path: workspace.path,
    driver: workspace.driver,
    passedOver: workspace.passedOver,
    readOnly: workspace.isReadOnly,
    whole: workspace.isWhole,
    base: workspace.base,
    head: workspace.head,
    createdAt: workspace.createdAt.toISOString(),
  };
}
