/**
 * The number of a device file, `st_rdev`: a major number for the driver and a minor number that the
 * driver reads as it likes, in one integer. Snapshots keep the two apart, since the layout differs
 * between systems.
 *
 *     Linux (glibc and musl sys/sysmacros.h; linux/kdev_t.h keeps 12 and 20 bits)
 *     bit   0.. 7   minor, low 8 bits
 *     bit   8..19   major, all 12 bits
 *     bit  20..31   minor, high 12 bits
 *
 *     macOS (sys/types.h)
 *     bit   0..23   minor
 *     bit  24..31   major
 */

/** What the kernel calls a device file's driver and device. */
export interface DeviceNumber {
  /** 0 to 4,095 on Linux, 0 to 255 on macOS. */
  readonly major: number;
  /** 0 to 1,048,575 on Linux, 0 to 16,777,215 on macOS. */
  readonly minor: number;
}

const LINUX_MAJOR_MAX = 0xfff;
const LINUX_MINOR_MAX = 0xf_ffff;

/**
 * Returns the parts of an `st_rdev` as `fs.lstat` gives it.
 *
 * @param platform As `process.platform`: whose layout the number has.
 * @throws {RangeError} when the number has more than the 32 bits in use.
 */
export function splitDeviceNumber(
  rdev: number | bigint,
  platform: string = process.platform,
): DeviceNumber {
  const device = Number(rdev);
  if (!Number.isInteger(device) || device < 0 || device > 0xffff_ffff) {
    throw new RangeError(
      `Cannot split device number ${rdev}: it is not a whole number of 32 bits, pass st_rdev`,
    );
  }
  if (platform === "darwin") {
    return { major: device >>> 24, minor: device & 0xff_ffff };
  }
  return {
    major: (device >>> 8) & LINUX_MAJOR_MAX,
    minor: ((device >>> 12) & 0xf_ff00) | (device & 0xff),
  };
}

/**
 * Returns the number that `mknod` takes on Linux.
 *
 * @throws {RangeError} when a part is outside what Linux keeps: the C library would cut it off
 *   silently.
 */
export function makeDeviceNumber({ major, minor }: DeviceNumber): number {
  if (!isWithin(major, LINUX_MAJOR_MAX) || !isWithin(minor, LINUX_MINOR_MAX)) {
    throw new RangeError(
      `Cannot make device number ${major}:${minor}: Linux keeps 0:0 to ${LINUX_MAJOR_MAX}:${LINUX_MINOR_MAX}, give parts in that range`,
    );
  }
  // The last shift makes the result unsigned again.
  return (((minor & 0xf_ff00) << 12) | (major << 8) | (minor & 0xff)) >>> 0;
}

function isWithin(part: number, max: number): boolean {
  return Number.isInteger(part) && part >= 0 && part <= max;
}
