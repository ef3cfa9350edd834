/** Dead letters as they lie on the disk, read without a lock: the agent may add to them, and send them, meanwhile. */
import { createReadStream } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { systemCode } from '../errors.ts'
import { readSent } from './sent-letters.ts'

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
  partition: z.string().default(''),
  event: z.looseObject({
    id: z.string(),
    /** What a letter of a test or of another program need not have. */
    log: z.looseObject({ origin: z.string().optional(), size: z.int().optional() }).optional(),
  }),
})

export interface KeptLetter {
  readonly time: string
  readonly seq: number
  readonly attempts: number
  readonly reason: string
  /** What the sink's partitioner said of it; '' where there is none, and where it was never sent. */
  readonly partition: string
  readonly eventId: string
  /** `log.origin` and `log.size` of the event. */
  readonly origin: string
  readonly size: number
  /** All of it, with its newline. */
  readonly line: Buffer
  /** The output line that was refused, byte for byte, with a newline. */
  readonly event: Buffer
}

/** Letters of which one is enough: there are two where a kill came between keeping it and settling its event. */
export const keyOf = ({ eventId, partition }: KeptLetter): string => `${eventId} ${partition}`

/** One line of a file. */
interface LetterLine {
  /** From 0. */
  readonly number: number
  /** With its newline. */
  readonly line: Buffer
  /** Undefined when it is none. */
  readonly letter: KeptLetter | undefined
}

/** Sinks that have dead letters, or had. */
export async function sinksWithLetters(dataDir: string): Promise<string[]> {
  const entries = await listed(() => readdir(join(dataDir, 'dlq'), { withFileTypes: true }))
  return entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort()
}

/** Files of letters, in the order in which they were begun. */
export async function letterFiles(directory: string): Promise<string[]> {
  const names = await listed(() => readdir(directory))
  return names
    .filter((name) => name.endsWith('.ndjson'))
    .sort()
    .map((name) => join(directory, name))
}

/** Every whole line, those that were sent since too. */
export async function* linesIn(path: string): AsyncGenerator<LetterLine> {
  let number = 0
  for await (const line of linesOf(path)) yield { number: number++, line, letter: decode(line) }
}

/**
 * In the order in which they were written; one that is there twice comes twice, one that was sent since not at all.
 * @param damaged is told the file and line of what is no letter; a last line without an end is only unfinished
 */
export async function* lettersOf(
  dataDir: string,
  sink: string,
  damaged: (where: string) => void,
): AsyncGenerator<KeptLetter> {
  for (const path of await letterFiles(join(dataDir, 'dlq', sink))) {
    const sent = await readSent(path)
    try {
      for await (const { number, letter } of linesIn(path)) {
        if (sent.has(number)) continue
        if (letter) yield letter
        else damaged(`${path}:${number + 1}`)
      }
    } catch (error) {
      // It was replayed or purged between two looks.
      if (systemCode(error) !== 'ENOENT') throw error
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
    const { time, seq, attempts, reason, partition } = data
    const { id: eventId, log: { origin = '', size = 0 } = {} } = data.event
    return { time, seq, attempts, reason, partition, eventId, origin, size, line, event }
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
