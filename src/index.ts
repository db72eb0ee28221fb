/**
 * Coppice: copy-on-write file system snapshots.
 */

export type { UnsafeReason } from "./archive/archive-error.js";
export type {
  ArchiveSource,
  DroppedPart,
  UnpackLimits,
  UnpackOptions,
  UnpackReport,
} from "./archive/unpack-options.js";
export type { ImageFileOptions, ImageFileReport, OmittedXattr } from "./image/write-image-file.js";
export type { Page, PageQuery } from "./ledger/page.js";
export type { ChunkProblem } from "./maintain/check/check-chunks.js";
export type { PackProblemKind } from "./maintain/check/check-structure.js";
export type { AffectedSnapshot, CountedList, DamagedChunk } from "./maintain/check/damage.js";
export type { GcOptions } from "./maintain/collect/collect.js";
export type { GcReport } from "./maintain/collect/gc-report.js";
export type { EraseOptions } from "./maintain/erase/erase.js";
export type {
  ErasedSnapshot,
  EraseReport,
  RemainingBytes,
  StandingContent,
  StandingPaths,
} from "./maintain/erase/erase-report.js";
export type { RepairOptions } from "./maintain/repair/repair.js";
export type { RepairedSnapshot, RepairReport } from "./maintain/repair/repair-report.js";
export type { GoReason, StayReason } from "./maintain/retention/plan-retention.js";
export type { PruneOptions } from "./maintain/retention/prune.js";
export type { PrunedSnapshot, PruneReport } from "./maintain/retention/prune-report.js";
export type { VerifyOptions } from "./maintain/verify/verify.js";
export type { StructureProblem, VerifyReport } from "./maintain/verify/verify-report.js";
export type { MergeOptions, MergePlan, MergeResult } from "./merge/merge.js";
export type {
  MergeConflict,
  MergeConflictKind,
  MergeResolution,
  MergeSide,
} from "./merge/merge-conflict.js";
export type { FollowedRename, MergeReport } from "./merge/merge-report.js";
export type { MergeStrategy, OnConflict, ResolvedConflict } from "./merge/resolve-conflicts.js";
export type { CaptureReport, PathList } from "./model/capture-report.js";
export type { PathConflict } from "./model/conflict-error.js";
export { ConflictError } from "./model/conflict-error.js";
export type { Digest } from "./model/digest.js";
export type { EntryKind, Xattr } from "./model/entry.js";
export type { CoppiceErrorCode, CoppiceErrorOptions } from "./model/error.js";
export { CoppiceError } from "./model/error.js";
export type { Durability, OnProgress, Progress } from "./model/options.js";
export type { ReportedPath } from "./model/reported-path.js";
export type { RetentionPolicy } from "./model/retention-policy.js";
export type { RoomMade } from "./model/room-made.js";
export type { TreePath } from "./model/tree-path.js";
export type { OverlayDir } from "./overlay/directory.js";
export type { OverlayDirent } from "./overlay/directory-entry.js";
export type {
  OverlayFileHandle,
  ReadBuffers,
  ReadResult,
  WriteResult,
  WrittenBuffers,
} from "./overlay/file-handle.js";
export type {
  BigIntOptions,
  BufferNames,
  BytesOptions,
  CopyFilter,
  Data,
  Encoding,
  EncodingOptions,
  MayBeMissing,
  MkdirOptions,
  MustBeThere,
  NamesOptions,
  NumberOptions,
  ReadFileOptions,
  ReadOptions,
  RmOptions,
  Source,
  StatOptions,
  StatSyncOptions,
  TextOptions,
  Time,
  WriteFileOptions,
  WriteSourceOptions,
} from "./overlay/file-options.js";
export { Overlay } from "./overlay/overlay.js";
export type { OverlayFiles } from "./overlay/overlay-files.js";
export type { CopyOptions } from "./overlay/posix/copy-options.js";
export type {
  ListBufferEntries,
  ListBuffers,
  ListEntries,
  Listed,
  ListNames,
  ReaddirOptions,
} from "./overlay/posix/list-directory.js";
export type { PathLike } from "./overlay/posix/path-bytes.js";
export type { OverlayBigIntStats, OverlayStats } from "./overlay/stats.js";
export type { ReadStreamOptions, WriteStreamOptions } from "./overlay/streams.js";
export type { SyncFiles } from "./overlay/sync-files.js";
export type { JobOutput } from "./profile/job-output.js";
export type { JobReason, JobState, ProfileJob } from "./profile/job-row.js";
export type { WorkOptions } from "./profile/job-runner.js";
export type { SetupUse } from "./profile/prepare.js";
export type {
  DirectoryBase,
  OtherProfileBase,
  ProfileBase,
  ProfileDraft,
  StoredDraft,
} from "./profile/profile-draft.js";
export type { Profile, ProfileVersion } from "./profile/profile-row.js";
export type { RefreshJob, RunOptions, WaitOptions } from "./profile/profiles.js";
export { Profiles } from "./profile/profiles.js";
export type { ProfileTest, TestOptions } from "./profile/test-draft.js";
export type { AgentAuth, ConfigFile } from "./registry/agent-auth.js";
export type { AgentVersion, Entrypoint, VersionReference } from "./registry/agent-version.js";
export type { EgressRules } from "./registry/egress.js";
export type { Launched, LaunchOptions } from "./registry/launch.js";
export { Registry } from "./registry/registry.js";
export type { RegistryLimits } from "./registry/registry-limits.js";
export type { UploadedVersion, UploadOptions, UploadSource } from "./registry/upload-options.js";
export type { RestoreOptions } from "./restore/restore.js";
export type { RestoreAction, RestoreChange, RestoreReport } from "./restore/restore-report.js";
export type {
  SandboxGetOptions,
  SandboxOptions,
  SandboxRestoreOptions,
  SandboxUse,
} from "./sandbox/create-sandbox.js";
export type {
  SandboxData,
  SandboxEntry,
  SandboxWriteOptions,
} from "./sandbox/files/sandbox-files.js";
export { SandboxFiles } from "./sandbox/files/sandbox-files.js";
export type { FreezerKind, FreezerReport } from "./sandbox/processes/freezer.js";
export type {
  BackgroundCommand,
  BackgroundOptions,
  CommandOptions,
  CommandResult,
  InheritOptions,
  SandboxExec,
  SandboxProcess,
} from "./sandbox/run/command-options.js";
export type {
  BubblewrapIsolation,
  Isolation,
  SandboxIsolation,
} from "./sandbox/run/isolation.js";
export { Sandbox } from "./sandbox/sandbox.js";
export type { SandboxBase } from "./sandbox/sandbox-base.js";
export type { ResolveSecret, SandboxConfig } from "./sandbox/sandbox-config.js";
export type {
  SandboxEvent,
  SandboxEventKind,
  SandboxEventQuery,
} from "./sandbox/sandbox-events.js";
export type { SandboxInfo } from "./sandbox/sandbox-info.js";
export type { SandboxState } from "./sandbox/sandbox-row.js";
export type { SandboxSnapshot } from "./sandbox/sandbox-snapshots.js";
export type { SandboxStore } from "./sandbox/store-calls.js";
export { secretPatterns } from "./scan/secret-patterns.js";
export type { CaptureOptions } from "./snapshot/capture.js";
export type { Change } from "./snapshot/diff.js";
export type { EntryInfo } from "./snapshot/entry-info.js";
export type { ReadRange, WalkOptions } from "./snapshot/snapshot.js";
export { Snapshot } from "./snapshot/snapshot.js";
export type { SnapshotQuery } from "./snapshot/snapshot-filter.js";
export type { CapturedState, SnapshotOptions } from "./snapshot/snapshot-options.js";
export type { StoredKind, StoreStats } from "./snapshot/store-stats.js";
export type { ImportResult } from "./store/archive-calls.js";
export type { DegradedSnapshot } from "./store/maintenance-calls.js";
export type { MergeRequest } from "./store/merge-calls.js";
export type { UnpackResult } from "./store/overlay-calls.js";
export type { EraseRequest, Pin } from "./store/retention-calls.js";
export type { PowerLoss, RemoveOptions, SnapshotResult } from "./store/snapshot-calls.js";
export type { StoreOptions } from "./store.js";
export { Store } from "./store.js";
export type {
  ComparedFigures,
  ComparedTool,
  TraceComparison,
} from "./traces/compare-versions.js";
export type { TraceFilter } from "./traces/event-filter.js";
export type {
  MeasureOptions,
  ToolFigures,
  TraceFigures,
  TraceMetrics,
} from "./traces/measure-events.js";
export type { TraceQuery } from "./traces/query-events.js";
export type { TraceRemoval } from "./traces/remove-events.js";
export type { RecordedTraceEvent, TraceEvent } from "./traces/trace-event.js";
export type { TraceVersions } from "./traces/traces.js";
export { Traces } from "./traces/traces.js";
export type { Aspect } from "./tree/entry-difference.js";
export type { ApplyOptions, ApplyReport } from "./workspace/apply/apply.js";
export type { ApplyConflict, ApplyConflictKind } from "./workspace/apply/apply-conflict.js";
export type { AttachOptions } from "./workspace/attach.js";
export type { Leftovers } from "./workspace/clear-leftovers.js";
export type { DriverName } from "./workspace/driver.js";
export type { DriverReport } from "./workspace/drivers.js";
export type { ExecOptions, ExecResult } from "./workspace/exec.js";
export type { ForkOptions } from "./workspace/fork.js";
export type { WorkspaceForkOptions } from "./workspace/workspace.js";
export { Workspace } from "./workspace/workspace.js";
export type { WorkspaceInfo } from "./workspace/workspace-info.js";
