/** Grounds: what the drivers are tried on, each with a driver and a place that it works in. */
import { join } from "node:path";
import { afterAll, type TestContext } from "vitest";
import type { Store } from "#dist/store.js";
import type { DriverName } from "#dist/workspace/driver.js";
import type { ForkOptions } from "#dist/workspace/fork.js";
import type { Workspace } from "#dist/workspace/workspace.js";
import type { TreeAspect } from "../support/compare-trees.js";
import {
  type LoopFileSystem,
  type LoopFileSystemType,
  makeLoopFileSystem,
} from "../support/loop-file-system.js";
import type { CapabilityName } from "../tooling/capability.js";
import { testIf } from "../tooling/test-if.js";
import { capturedBy, type WorkspaceFixture } from "./workspace-fixture.js";

/** A driver and where it is tried. */
export interface Place {
  readonly driver: DriverName;
  readonly needs: readonly CapabilityName[];
  /** A file system of its own; the place of temporary files where there is none. */
  readonly fileSystem?: LoopFileSystemType;
  /** In which a workspace differs from an ordinary directory to begin with. */
  readonly unlike: readonly TreeAspect[];
  /**
   * Whether a file that had several names in the snapshot has them still once it is written to. overlayfs copies
   * the name up that is written to, which is a file of its own from then on.
   */
  readonly keepsLinks: boolean;
  /**
   * What must be done before an access control list is set in the ugly tree: overlayfs refuses that (EOPNOTSUPP)
   * for a file that lies on a file system which cannot be written to. One that was touched lies elsewhere.
   */
  readonly beforeAcl?: string;
  /** Whether a workspace is a mount of its own, which a program in it keeps from being taken away. */
  readonly isMounted: boolean;
}

const basis = ["root", "koffi", "byte-names", "tools", "xattr"] as const;

export const places = {
  overlayfs: {
    driver: "overlayfs",
    needs: [...basis, "mount", "overlay", "erofs"],
    // EROFS counts the blocks of a file by its size, holes or not.
    unlike: ["holes"],
    keepsLinks: false,
    beforeAcl: 'for path in acl/*; do touch -r "$path" "$path"; done',
    isMounted: true,
  },
  "overlayfs-checkout": {
    driver: "overlayfs-checkout",
    needs: [...basis, "mount", "overlay"],
    unlike: [],
    keepsLinks: false,
    isMounted: true,
  },
  "clone-xfs": {
    driver: "clone",
    needs: [...basis, "loop-xfs"],
    fileSystem: "xfs",
    unlike: [],
    keepsLinks: true,
    isMounted: false,
  },
  "clone-btrfs": {
    driver: "clone",
    needs: [...basis, "loop-btrfs"],
    fileSystem: "btrfs",
    unlike: [],
    keepsLinks: true,
    isMounted: false,
  },
  copy: { driver: "copy", needs: basis, unlike: [], keepsLinks: true, isMounted: false },
} as const satisfies Record<string, Place>;

/** What the tests of one file share: a place, with the file system that it needs. */
export class Ground {
  readonly place: Place;
  #fileSystem: LoopFileSystem | undefined;

  /** To be called where tests are declared: what it needs is taken away after them. */
  constructor(place: Place) {
    this.place = place;
    afterAll(() => this.#fileSystem?.remove());
  }

  /** Declares a test that needs what the driver needs. */
  test(name: string, body: (context: TestContext) => unknown): void {
    testIf(this.place.needs, name, body);
  }

  /** Where directories of tests are made; `undefined` where temporary files are. */
  get directory(): string | undefined {
    const { fileSystem } = this.place;
    if (fileSystem === undefined) return undefined;
    return (this.#fileSystem ??= makeLoopFileSystem(fileSystem, 2048)).directory;
  }

  /** Makes a store with a snapshot `base` in the place; see `capturedBy`. */
  async captured(
    fill: string | ((directory: string) => unknown),
    parent: string | undefined = this.directory,
  ): Promise<GroundFixture> {
    const fixture = await capturedBy(fill, parent);
    const { driver } = this.place;
    const fork = (options: ForkOptions = {}, store: Store = fixture.store) =>
      store.fork("base", { driver, dir: join(fixture.scratch, "workspace"), ...options });
    return { ...fixture, driver, fork };
  }
}

/** A store in a place. */
export interface GroundFixture extends WorkspaceFixture {
  readonly driver: DriverName;
  /** Forks `base` with the driver of the place, to `workspace` in the scratch directory unless told. */
  fork(options?: ForkOptions, store?: Store): Promise<Workspace>;
}
