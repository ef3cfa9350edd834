import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { type OutputEvent, outputEvent } from '../../src/event/audit-event.ts'
import { canonicalize } from '../../src/event/canonical.ts'
import { generationWords, recordId } from '../../src/event/id.ts'
import { actorTypes, categories, mechanisms, operations, outcomeResults } from '../../src/event/vocabulary.ts'

const page = readFileSync(new URL('../../docs/event-schema.md', import.meta.url), 'utf8')

/** The text of the fenced example with this info string. */
function example(info: string): string {
  const found = new RegExp(`^\`\`\`${info}\n(.*)\n\`\`\`$`, 'm').exec(page)
  if (!found) throw new Error(`no example \`${info}\``)
  return found[1]!
}

describe('docs/event-schema.md', () => {
  const record = example('json record')
  const line = example('json event')
  outputEvent().parse(JSON.parse(line))
  const event: OutputEvent = JSON.parse(line)

  test('its example is an event, with the canonical bytes that log.size points out', () => {
    const { log, raw_data, ...canonical } = event
    const head = Buffer.from(line).toString('utf8', 0, log.size - 1)
    expect(`${head}}`).toBe(canonicalize(canonical))
    expect(raw_data).toBe(record)
  })

  test('its example is of its record', () => {
    const { offset, length, stream } = event.provenance
    expect(length).toBe(Buffer.byteLength(record))
    expect(event.raw?.sha256).toBe(createHash('sha256').update(record).digest('hex'))
    expect(event.id).toBe(recordId(generationWords(stream), offset!, crc32(record), 0))
  })

  test('its table has every member, and no other', () => {
    const listed = [...page.matchAll(/^\| `([a-z_]+)` \|/gm)].map((match) => match[1])
    expect(listed).toEqual(Object.keys(outputEvent().shape).toSorted())
  })

  test.each([
    ['actor', actorTypes],
    ['category', categories],
    ['operation', operations],
    ['outcome', outcomeResults],
    ['delegation', mechanisms],
  ])('its row of %s has the whole vocabulary', (member, words) => {
    const row = page.split('\n').find((each) => each.startsWith(`| \`${member}\``))
    for (const word of words) expect(row).toContain(`\`${word}\``)
  })
})
