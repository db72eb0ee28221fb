/**
 * File formats made of pages that are overwritten in place. Cutting them at
 * multiples of the page size keeps one changed page one changed chunk, where
 * content-defined cuts would rewrite its neighbours too.
 */

/** A format as recognised by its first bytes. */
export interface PageFormat {
  readonly name: string;
  /** Databases stay at 4 KiB whatever their size; images are cut coarser from 1 GiB on. */
  readonly kind: "database" | "image";
}

/** {@link pageFormat} looks at no byte from this offset on. */
export const headBytes = 4_104;

/** The bytes of `magic`, one for each character, stand at `offset`. The sources are in FORMAT.md. */
interface Signature extends PageFormat {
  readonly offset: number;
  readonly magic: string;
}

/** In the order in which they are tried. */
const signatures: readonly Signature[] = [
  { name: "SQLite", kind: "database", offset: 0, magic: "SQLite format 3\0" },
  { name: "LMDB", kind: "database", offset: 16, magic: "\xde\xc0\xef\xbe" },
  { name: "bbolt", kind: "database", offset: 16, magic: "\xed\xda\x0c\xed" },
  { name: "qcow2", kind: "image", offset: 0, magic: "QFI\xfb" },
  { name: "VMDK", kind: "image", offset: 0, magic: "KDMV" },
  { name: "VHDX", kind: "image", offset: 0, magic: "vhdxfile" },
  { name: "VHD", kind: "image", offset: 0, magic: "conectix" },
  { name: "VDI", kind: "image", offset: 64, magic: "\x7f\x10\xda\xbe" },
  { name: "GPT", kind: "image", offset: 512, magic: "EFI PART" },
  { name: "GPT", kind: "image", offset: 4_096, magic: "EFI PART" },
  { name: "XFS", kind: "image", offset: 0, magic: "XFSB" },
  { name: "F2FS", kind: "image", offset: 1_024, magic: "\x10\x20\xf5\xf2" },
  { name: "EROFS", kind: "image", offset: 1_024, magic: "\xe2\xe1\xf5\xe0" },
  { name: "NTFS", kind: "image", offset: 3, magic: "NTFS    " },
  { name: "exFAT", kind: "image", offset: 3, magic: "EXFAT   " },
  { name: "FAT32", kind: "image", offset: 82, magic: "FAT32   " },
  { name: "FAT16", kind: "image", offset: 54, magic: "FAT16   " },
  { name: "LUKS", kind: "image", offset: 0, magic: "LUKS\xba\xbe" },
  { name: "LVM2", kind: "image", offset: 512, magic: "LABELONE" },
  { name: "swap", kind: "image", offset: 4_086, magic: "SWAPSPACE2" },
];

/**
 * Returns the page-structured format that a file begins like, or `undefined`.
 *
 * @param head the first {@link headBytes} bytes of the file, or more, or the whole file
 */
export function pageFormat(head: Uint8Array): PageFormat | undefined {
  const view = Buffer.from(head.buffer, head.byteOffset, Math.min(head.byteLength, headBytes));
  for (const { name, kind, offset, magic } of signatures) {
    if (view.toString("latin1", offset, offset + magic.length) === magic) return { name, kind };
  }
  if (isExt(view)) return { name: "ext", kind: "image" };
  if (isPartitioned(view)) return { name: "MBR", kind: "image" };
  return undefined;
}

/** Two bytes of magic alone would take one file in 65,536 for an image, so two more fields must be plausible. */
function isExt(head: Buffer): boolean {
  if (head.length < 2_048) return false;
  const magic = head.readUInt16LE(1_080);
  const blockSizeLog = head.readUInt32LE(1_048);
  const revision = head.readUInt32LE(1_100);
  return magic === 0xef53 && blockSizeLog <= 6 && revision <= 1;
}

/** A master boot record: the signature, four entries marked active or not, the first of them in use. */
function isPartitioned(head: Buffer): boolean {
  if (head.length < 512 || head.readUInt16LE(510) !== 0xaa55) return false;
  const entries = [446, 462, 478, 494];
  return (
    entries.every((at) => (head[at]! & 0x7f) === 0) &&
    head[450] !== 0 &&
    head.readUInt32LE(458) !== 0
  );
}
