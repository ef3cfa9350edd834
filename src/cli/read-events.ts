/** Events on standard input: one, an array of them, or one a line; also printed over several lines, as editors and jq do. */
import { AffiantError, asError } from '../errors.ts'

export type EventObject = Readonly<Record<string, unknown>>

/** All of it is held at once: this is for a handful of events that somebody looks at. */
const mostBytes = 64 * 1024 ** 2

/** @throws AffiantError usage: what is there is no JSON, or no event, and at which line */
export async function readEvents(input: AsyncIterable<Uint8Array>): Promise<readonly EventObject[]> {
  const text = await readAll(input)
  if (text.trim() === '') throw new AffiantError('usage', 'no event on the standard input', { hint })
  const whole = parsed(text)
  if (whole !== undefined) return (Array.isArray(whole) ? whole : [whole]).map((value) => eventOf(value, 1))
  return text.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return []
    try {
      return [eventOf(JSON.parse(line), index + 1)]
    } catch (thrown) {
      if (thrown instanceof AffiantError) throw thrown
      throw new AffiantError('usage', `line ${index + 1} is no JSON: ${asError(thrown).message}`, { hint })
    }
  })
}

const hint =
  'events are what sinks send, `affiant journal export` and `affiant normalize` print: raw lines become some by `affiant normalize`'

async function readAll(input: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of input) {
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes > mostBytes) {
      throw new AffiantError('usage', `more than ${mostBytes / 1024 ** 2} MiB on the standard input`, {
        hint: 'take some of it: head -n 1000',
      })
    }
  }
  return Buffer.concat(chunks).toString()
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function eventOf(value: unknown, line: number): EventObject {
  if (isEvent(value)) return value
  throw new AffiantError('usage', `line ${line} is no event of schema audit-event/1`, { hint })
}

const isEvent = (value: unknown): value is EventObject =>
  typeof value === 'object' && value !== null && 'schema' in value && value.schema === 'audit-event/1'
