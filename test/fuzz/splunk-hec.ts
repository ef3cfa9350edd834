/** Bodies of the splunk_hec receiver: whatever the bytes, there are records up to an event that is named, if there is one. */
import fc from 'fast-check'
import { AffiantError } from '../../src/errors.ts'
import { textOf } from '../../src/receivers/server/json-records.ts'
import { Events } from '../../src/receivers/splunk_hec/events.ts'
import type { FuzzTarget } from './target.ts'

const maxRecord = 16 * 1024 * 1024

function check(bytes: Buffer): void {
  let text: string
  try {
    text = textOf(bytes)
  } catch (thrown) {
    if (thrown instanceof AffiantError && thrown.code === 'bad_request') return
    throw thrown
  }
  const events = new Events(text, {}, maxRecord)
  const records = [...events]
  const { fault } = events
  if (fault !== undefined && fault.at !== records.length)
    throw new Error(`event ${fault.at} is bad, and ${records.length} before it are good`)
  for (const { text: record, time } of records) {
    if (record.trim() === '') throw new Error('a record of nothing')
    if (time !== undefined && Number.isNaN(Date.parse(time))) throw new Error(`${time} is no time`)
  }
  if (fault !== undefined) return
  // As many as there are values where each stands on a line of its own.
  const whole = records.map((record) => JSON.stringify({ event: record.text })).join('\n')
  const again = [...new Events(whole, {}, maxRecord)]
  const texts = (all: typeof records) => JSON.stringify(all.map((record) => record.text))
  if (texts(again) !== texts(records)) throw new Error('other records when they are written again')
}

const envelope = fc.record(
  {
    time: fc.oneof(fc.double(), fc.nat(), fc.string()),
    host: fc.string(),
    fields: fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.integer())),
    event: fc.jsonValue(),
  },
  { requiredKeys: ['event'] },
)

export const splunkHec: FuzzTarget = {
  corpus: fc
    .sample(fc.array(envelope), { numRuns: 60, seed: 1 })
    .map((list) => Buffer.from(list.map((each) => JSON.stringify(each)).join(''))),
  check,
}
