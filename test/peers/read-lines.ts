/** The lines of a file of any length, and nothing but a newline ends one. */
import { createReadStream } from 'node:fs'

export async function* readLines(path: string): AsyncGenerator<string> {
  let parts: Buffer[] = []
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 ** 2 }) as AsyncIterable<Buffer>) {
    let at = 0
    for (let end = chunk.indexOf(10); end !== -1; at = end + 1, end = chunk.indexOf(10, at)) {
      parts.push(chunk.subarray(at, end))
      yield Buffer.concat(parts).toString()
      parts = []
    }
    parts.push(chunk.subarray(at))
  }
  const rest = Buffer.concat(parts).toString()
  if (rest !== '') yield rest
}
