/**
 * Describe workspace: a workspace that was made, on one line.
 */
import type { WorkspaceInfo } from "../../index.js";
import { escapeText } from "./escape-text.js";
import type { Style } from "./style.js";

/** Returns the line. */
export function describeWorkspace({ id, name, path }: WorkspaceInfo, style: Style): string {
  const named = name === undefined ? "" : ` ${style("bold", escapeText(name))}`;
  return `${style("green", "✔")} ${style("yellow", id)}${named}  ${escapeText(path)}`;
}

/** Returns why it was not made in a better way. */
export function remarkOnDriver({ driver, passedOver }: WorkspaceInfo): string[] {
  return passedOver.map(
    ({ name, problem }) => `driver ${driver}, since ${name} cannot be used: ${problem}`,
  );
}
