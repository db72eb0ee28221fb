/**
 * Show progress: one line at the bottom of a terminal while a long operation runs, gone when it ends.
 */
import type { OnProgress } from "../../index.js";
import type { ProgressLine } from "./format-progress.js";
import { formatProgress } from "./format-progress.js";
import { styleFor } from "./style.js";

/** What ends sooner is shown no progress: a line that flashes up tells nobody anything. */
const PATIENCE_MS = 200;

/** The line on the terminal, or nothing where there is no terminal. */
export interface ProgressDisplay {
  readonly onProgress: OnProgress | undefined;
  /** Clears the line. Idempotent. */
  readonly stop: () => void;
}

/**
 * @param stream a terminal; without one nothing is shown and nothing is loaded
 * @param expectedEntries how many entries a scan will probably find, so that it can tell how far it is
 */
export async function showProgress(
  stream: NodeJS.WriteStream | undefined,
  expectedEntries: number | undefined,
): Promise<ProgressDisplay> {
  if (stream === undefined) return { onProgress: undefined, stop: () => undefined };
  const { SingleBar } = await import("cli-progress");
  const style = styleFor(stream);
  const bar = new SingleBar({
    stream,
    format: (_, { maxWidth }, line: ProgressLine) =>
      formatProgress(line, performance.now(), maxWidth, style),
    clearOnComplete: true,
    hideCursor: true,
    gracefulExit: false,
  });
  const startedMs = performance.now();
  let isShown = false;
  let isStopped = false;
  return {
    onProgress(progress) {
      if (isStopped || performance.now() - startedMs < PATIENCE_MS) return;
      const line: ProgressLine = { progress, startedMs, expectedEntries };
      if (isShown) bar.update(line);
      else bar.start(1, 0, line);
      isShown = true;
    },
    stop() {
      isStopped = true;
      bar.stop();
    },
  };
}
