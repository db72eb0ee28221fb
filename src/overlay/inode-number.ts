/**
 * Inode numbers. What is stored has a number that follows from where it is: nothing has to be kept for it, and it stays the
 * same when the file is changed or renamed. What is made anew is counted.
 */

/** Numbers of stored files have this bit; the others are counted from 2 on. */
const STORED_BIT = 2 ** 51;

/** Other ones in each process: nobody can choose names whose numbers fall together. */
const SEEDS = [random(), random()] as const;

/** Returns the number of a name in a stored directory; two of a million names share one in 10^-4 of all cases. */
export function storedNumber(parent: number, name: string): number {
  const low = parent | 0;
  const high = (parent / 0x1_0000_0000) | 0;
  let a = Math.imul(SEEDS[0] ^ low, 0x9e37_79b1) ^ high;
  let b = Math.imul(SEEDS[1] ^ high, 0x85eb_ca77) ^ low;
  for (let index = 0; index < name.length; index++) {
    const code = name.charCodeAt(index);
    a = Math.imul(a ^ code, 0x0100_0193);
    b = Math.imul(b ^ code, 0x5bd1_e995) ^ (b >>> 15);
  }
  a = Math.imul(a ^ (a >>> 15), 0x85eb_ca77);
  b = Math.imul(b ^ (b >>> 13), 0xc2b2_ae35);
  return STORED_BIT + ((a ^ (a >>> 13)) & 0x7_ffff) * 0x1_0000_0000 + ((b ^ (b >>> 16)) >>> 0);
}

function random(): number {
  return (Math.random() * 0x1_0000_0000) | 0;
}
