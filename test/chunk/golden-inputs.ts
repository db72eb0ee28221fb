import { seededBytes, seededText } from "./seeded-bytes.js";

/** The files of golden-cuts.json: `data` is the file, or the beginning of one of `sizeBytes`. */
export const goldenInputs: Record<string, { sizeBytes: number; data: Buffer }> = {
  "one byte": whole(Buffer.from("a")),
  "65,536 zeros": whole(Buffer.alloc(65_536)),
  "65,537 random bytes": whole(seededBytes("golden 1", 65_537)),
  "1 MB of random bytes": whole(seededBytes("golden 2", 1_000_003)),
  "1 MB of text": whole(seededText("golden 3", 1_000_003)),
  "one byte value": whole(Buffer.alloc(200_000, 0xff)),
  "zeros only": whole(Buffer.alloc(200_001)),
  "random bytes with holes": whole(
    Buffer.concat([
      seededBytes("golden 4", 70_000),
      Buffer.alloc(30_000),
      seededBytes("golden 5", 10_000),
      Buffer.alloc(20_000),
      seededText("golden 6", 60_000),
      Buffer.alloc(50_001),
    ]),
  ),
  "a database with empty pages": whole(
    Buffer.concat([
      Buffer.from("SQLite format 3\0"),
      seededBytes("golden 7", 65_520),
      Buffer.alloc(12_288),
      seededBytes("golden 8", 10_000),
    ]),
  ),
  "the beginning of a file of 1 GiB": {
    sizeBytes: 1_073_741_824,
    data: seededBytes("golden 9", 1_000_003),
  },
  "the beginning of an image of 1 GiB": {
    sizeBytes: 1_073_741_824,
    data: Buffer.concat([
      Buffer.from("QFI\xfb", "latin1"),
      seededBytes("golden 10", 100_000),
      Buffer.alloc(100_000),
    ]),
  },
};

function whole(data: Buffer): { sizeBytes: number; data: Buffer } {
  return { sizeBytes: data.length, data };
}
