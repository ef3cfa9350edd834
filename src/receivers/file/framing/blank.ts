/** Whether a line has nothing but spaces, tabs and NULs: then it is no record. */
export function isBlank(text: Buffer): boolean {
  for (let i = 0; i < text.length; i++) {
    const byte = text[i]!
    if (byte !== 0x20 && byte !== 0x09 && byte !== 0x00) return false
  }
  return true
}
