/** Where the quote is that ends the JSON string which begins at `start`, or the end of the text. */
export function stringEnd(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let before = at - 1
    while (text.charCodeAt(before) === 0x5c) before--
    if ((at - before) % 2 === 1) return at
  }
  return text.length
}
