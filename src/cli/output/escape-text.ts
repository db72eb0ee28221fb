/** What a terminal would obey instead of show: controls, line separators, and marks that turn text around. */
const UNSAFE = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

/** Returns text in which such characters are written as `\xNN`, byte by byte of their UTF-8. */
export function escapeText(text: string): string {
  return text.replace(UNSAFE, escapeBytes);
}

/** Returns each byte of a character's UTF-8 as `\xNN`. */
function escapeBytes(character: string): string {
  return [...Buffer.from(character)].map(escapeByte).join("");
}

/** Returns a byte as `\xNN`. */
export function escapeByte(byte: number): string {
  return `\\x${byte.toString(16).padStart(2, "0")}`;
}
