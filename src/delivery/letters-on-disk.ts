/** Dead letters as they lie on the disk, read without a lock: the agent may add to them meanwhile. */
import { createReadStream } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { systemCode } from '../errors.ts'

const NEWLINE = 0x0a
const eventKey = Buffer.from(',"event":')

const head = z.looseObject({
  schema: z.literal('dead-letter/1'),
  /** RFC 3339. */
  time: z.string(),
  seq: z.int().nonnegative(),
  /** Requests made for the batch it was in. */
  attempts: z.int(),
  reason: z.string(),
  event: z.looseObject({ id: z.string() }),
})

export interface KeptLetter {
  readonly time: string
  readonly seq: number
  readonly attempts: number
  readonly reason: string
  readonly eventId: string
  /** All of it, with its newline. */
  readonly line: Buffer
  /** The output line that was refused, byte for byte, with a newline. */
  readonly event: Buffer
}

/** Sinks that have dead letters, or had. */
export async function sinksWithLetters(dataDir: string): Promise<string[]> {
  const entries = await listed(() => readdir(join(dataDir, 'dlq'), { withFileTypes: true }))
  return entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort()
}

/**
 * In the order in which they were written; one that is there twice comes twice.
 * @param damaged is told the file and line of what is no letter; a last line without an end is only unfinished
 */
export async function* lettersOf(
  dataDir: string,
  sink: string,
  damaged: (where: string) => void,
): AsyncGenerator<KeptLetter> {
  const directory = join(dataDir, 'dlq', sink)
  const names = await listed(() => readdir(directory))
  for (const name of names.filter((file) => file.endsWith('.ndjson')).sort()) {
    let number = 0
    for await (const line of linesOf(join(directory, name))) {
      number += 1
      const letter = decode(line)
      if (letter) yield letter
      else damaged(`${join(directory, name)}:${number}`)
    }
  }
}

function decode(line: Buffer): KeptLetter | undefined {
  // Within a string the quotes would be escaped.
  const at = line.indexOf(eventKey)
  if (at < 0) return undefined
  try {
    const { data } = head.safeParse(JSON.parse(line.toString()))
    if (data === undefined) return undefined
    const event = Buffer.concat([line.subarray(at + eventKey.length, -2), Buffer.of(NEWLINE)])
    const { time, seq, attempts, reason } = data
    return { time, seq, attempts, reason, eventId: data.event.id, line, event }
  } catch {
    return undefined
  }
}

/** Each with its newline. Not by a reader of text: U+2028 ends a line there, and stands in events. */
async function* linesOf(path: string): AsyncGenerator<Buffer> {
  let rest: Buffer[] = []
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    let from = 0
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
      yield Buffer.concat([...rest, chunk.subarray(from, end + 1)])
      rest = []
      from = end + 1
    }
    if (from < chunk.length) rest.push(chunk.subarray(from))
  }
}

async function listed<Entry>(list: () => Promise<Entry[]>): Promise<Entry[]> {
  try {
    return await list()
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return []
    throw error
  }
}
