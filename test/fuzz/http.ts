/** Bodies of the http receiver: whatever the bytes, they give records or say `bad_request`, and each record is a piece of the body. */
import fc from 'fast-check'
import { AffiantError } from '../../src/errors.ts'
import type { TextRecord } from '../../src/event/record.ts'
import type { BodyFormat } from '../../src/receivers/http/body-format.ts'
import { recordsIn } from '../../src/receivers/http/records.ts'
import { isJsonObject } from '../../src/receivers/server/json-object.ts'
import type { FuzzTarget } from './target.ts'

const maxRecord = 16 * 1024 * 1024
const formats: readonly BodyFormat[] = ['json', 'ndjson', 'lines', 'cloudevent', 'cloudevents']

async function check(bytes: Buffer): Promise<void> {
  if (isJsonObject(bytes.toString()) !== isObject(bytes.toString()))
    throw new Error('JSON.parse says something else')
  for (const format of formats) {
    let records: TextRecord[]
    try {
      records = [...(await recordsIn(bytes, format, maxRecord))]
    } catch (thrown) {
      if (thrown instanceof AffiantError && thrown.code === 'bad_request') continue
      throw thrown
    }
    const length = records.reduce((sum, { text }) => sum + text.length, 0)
    if (length > bytes.length)
      throw new Error(`${bytes.length} bytes became ${length} characters as ${format}`)
    if (format === 'json') checkJson(bytes, records)
  }
}

function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
  } catch {
    return false
  }
}

/** As JSON.parse of the whole body reads it. */
function checkJson(bytes: Buffer, records: readonly { readonly text: string }[]): void {
  const text = bytes.toString().replace(/^\uFEFF/, '')
  if (text.trim() === '') return
  const whole: unknown = JSON.parse(text)
  const expected = Array.isArray(whole) ? whole : [whole]
  if (
    JSON.stringify(records.map((record) => JSON.parse(record.text) as unknown)) !== JSON.stringify(expected)
  )
    throw new Error('other records than JSON.parse finds')
}

const samples = fc.sample(fc.array(fc.dictionary(fc.string(), fc.jsonValue())), { numRuns: 40, seed: 1 })

export const http: FuzzTarget = {
  corpus: samples.flatMap((list) => [
    Buffer.from(JSON.stringify(list)),
    Buffer.from(list.map((record) => JSON.stringify(record)).join('\n')),
    Buffer.from(
      JSON.stringify(
        list.map((data, id) => ({ specversion: '1.0', id: String(id), source: 's', type: 't', data })),
      ),
    ),
  ]),
  check,
}
