/** A slot's text: its bytes are as JSON has them. */
export function textAt(bytes: Buffer, from: number, to: number): string {
  const written = bytes.toString('utf8', from, to)
  return written.includes('\\') ? (JSON.parse(`"${written}"`) as string) : written
}
