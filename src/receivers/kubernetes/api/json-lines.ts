/** The lines of a body, one JSON value each, as they come: the next one is read once the one before is dealt with. */

/** @throws Error for a line that is no JSON, or over `longest` bytes */
export async function* jsonLines(body: AsyncIterable<Uint8Array>, longest: number): AsyncGenerator<unknown> {
  let pieces: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    let start = 0
    for (let end = chunk.indexOf(0x0a); end >= 0; end = chunk.indexOf(0x0a, start)) {
      const line = Buffer.concat([...pieces, chunk.subarray(start, end)])
      start = end + 1
      pieces = []
      size = 0
      if (line.length > longest) throw tooLong(longest)
      if (line.length > 0) yield JSON.parse(line.toString())
    }
    size += chunk.length - start
    if (size > longest) throw tooLong(longest)
    if (start < chunk.length) pieces.push(chunk.subarray(start))
  }
  // What has no end was cut off with its connection, and comes again with the next one.
}

const tooLong = (longest: number) => new Error(`a line of more than ${longest} bytes`)
