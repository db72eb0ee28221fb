import { describe, expect, test } from "vitest";
import { coarseGear, fineGear } from "#dist/chunk/gear-parameters.js";
import { planCuts } from "#dist/chunk/plan-cuts.js";
import { seededBytes } from "./seeded-bytes.js";

const gibibyte = 1_073_741_824;

function headWith(...patches: readonly (readonly [offset: number, hex: string])[]): Buffer {
  const head = Buffer.alloc(65_536, 0x21);
  for (const [offset, hex] of patches) Buffer.from(hex, "hex").copy(head, offset);
  return head;
}

/** Each format's first bytes, in hexadecimal where FORMAT.md has text, so that neither is a copy of the other. */
const heads: Record<string, Buffer> = {
  SQLite: headWith([0, "53514c69746520666f726d6174203300"]),
  LMDB: headWith([16, "dec0efbe"]),
  bbolt: headWith([16, "edda0ced"]),
  qcow2: headWith([0, "514649fb"]),
  VMDK: headWith([0, "4b444d56"]),
  VHDX: headWith([0, "7668647866696c65"]),
  VHD: headWith([0, "636f6e6563746978"]),
  VDI: headWith([64, "7f10dabe"]),
  GPT: headWith([512, "4546492050415254"]),
  "GPT (4 KiB sectors)": headWith([4_096, "4546492050415254"]),
  XFS: headWith([0, "58465342"]),
  F2FS: headWith([1_024, "1020f5f2"]),
  EROFS: headWith([1_024, "e2e1f5e0"]),
  NTFS: headWith([3, "4e54465320202020"]),
  exFAT: headWith([3, "4558464154202020"]),
  FAT32: headWith([82, "4641543332202020"]),
  FAT16: headWith([54, "4641543136202020"]),
  LUKS: headWith([0, "4c554b53babe"]),
  LVM2: headWith([512, "4c4142454c4f4e45"]),
  swap: headWith([4_086, "53574150535041434532"]),
  ext: headWith([1_048, "02000000"], [1_080, "53ef"], [1_100, "01000000"]),
  MBR: headWith([446, "80202100830c450a0008000000f80700"], [462, "00".repeat(48)], [510, "55aa"]),
};

describe("planCuts()", () => {
  test.each(Object.entries(heads))("cuts %s in pages", (name, head) => {
    const format = name.replace(/ .*/, "");
    const database = ["SQLite", "LMDB", "bbolt"].includes(format);
    expect(planCuts(65_537, head)).toEqual({
      strategy: "pages",
      sizeBytes: 65_537,
      pageBytes: 4_096,
      format,
    });
    expect(planCuts(gibibyte - 1, head)).toMatchObject({ pageBytes: 4_096 });
    expect(planCuts(gibibyte, head)).toMatchObject({ pageBytes: database ? 4_096 : 16_384 });
    expect(planCuts(65_536, head)).toEqual({ strategy: "whole", sizeBytes: 65_536 });
  });

  test("looks at no byte behind the first 4,104", () => {
    for (const head of Object.values(heads))
      expect(planCuts(100_000, head.subarray(0, 4_104)).strategy).toBe("pages");
  });

  test("cuts all else by content, four times coarser from 1 GiB on", () => {
    const head = seededBytes("no format", 65_536);
    expect(planCuts(65_537, head)).toEqual({
      strategy: "gear",
      sizeBytes: 65_537,
      parameters: fineGear,
    });
    expect(planCuts(gibibyte - 1, head)).toMatchObject({ parameters: fineGear });
    expect(planCuts(gibibyte, head)).toMatchObject({ parameters: coarseGear });
  });

  test("takes neither the two bytes of ext nor those of a boot record alone for an image", () => {
    expect(planCuts(100_000, headWith([1_080, "53ef"])).strategy).toBe("gear");
    expect(planCuts(100_000, headWith([510, "55aa"])).strategy).toBe("gear");
  });

  test("small files need no head, larger ones a whole one", () => {
    expect(planCuts(0, Buffer.alloc(0))).toEqual({ strategy: "whole", sizeBytes: 0 });
    expect(planCuts(65_536, Buffer.alloc(0)).strategy).toBe("whole");
    expect(() => planCuts(65_537, Buffer.alloc(4_103))).toThrow(RangeError);
  });

  test("refuses a size that is no whole number of bytes", () => {
    for (const size of [-1, 1.5, Number.NaN, Infinity, 2 ** 53])
      expect(() => planCuts(size, Buffer.alloc(4_104))).toThrow(RangeError);
  });
});
