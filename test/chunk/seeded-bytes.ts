import { createCipheriv, createHash } from "node:crypto";

/** Returns `sizeBytes` bytes that look random and are the same for the same seed for ever: AES-256-CTR under SHA-256(seed). */
export function seededBytes(seed: string, sizeBytes: number): Buffer {
  const key = createHash("sha256").update(seed).digest();
  return createCipheriv("aes-256-ctr", key, Buffer.alloc(16)).update(Buffer.alloc(sizeBytes));
}

/** Returns text of low entropy: lines of a few words from a small vocabulary. */
export function seededText(seed: string, sizeBytes: number): Buffer {
  const words = [
    "const ",
    "return ",
    "value",
    "index",
    " = ",
    "(",
    ")",
    ";\n",
    "  ",
    "import ",
    "0",
    "function ",
  ];
  const choices = seededBytes(seed, sizeBytes);
  const parts: string[] = [];
  for (let length = 0, at = 0; length < sizeBytes; at++) {
    const word = words[choices[at]! % words.length]!;
    parts.push(word);
    length += word.length;
  }
  return Buffer.from(parts.join("")).subarray(0, sizeBytes);
}
