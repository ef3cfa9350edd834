// Every example of docs/attribution.md does what the page says.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { enrichConfig } from '../../src/attribution/enrich/config.ts'
import { compileNormaliser } from '../../src/normalise/normaliser.ts'
import { mmdb } from '../attribution/enrich/write-mmdb.ts'
import { scratchDirectory } from '../scratch-directory.ts'
import { eventsOf, invalid, observed, spec, stream } from './normalising.ts'

const page = readFileSync(join(import.meta.dirname, '../../docs/attribution.md'), 'utf8')
const directory = scratchDirectory('attribution')
const blocks = [...page.matchAll(/```\S+ (enrich|record|event|\S+\.\S+)(?: (\S+))?\n([\s\S]*?)```/g)].map(
  ([, kind = '', path, text = '']) => ({ kind, path, text }),
)

interface Example {
  readonly enrich: string
  readonly record: string
  /** Of the file that it was in. */
  readonly path: string | undefined
  readonly event: string
}

const examples: Example[] = []
blocks.forEach(({ kind, text }, i) => {
  if (kind.endsWith('.mmdb')) {
    const networks = Object.entries<object>(JSON.parse(text))
    writeFileSync(join(directory, kind), mmdb({ type: 'Page', ipVersion: 6, networks }))
  } else if (kind.includes('.')) writeFileSync(join(directory, kind), text)
  if (kind !== 'enrich') return
  const [record, event] = blocks.slice(i + 1).filter((block) => !block.kind.includes('.'))
  expect([record?.kind, event?.kind]).toEqual(['record', 'event'])
  examples.push({ enrich: text, record: record!.text, path: record!.path, event: event!.text })
})

test('there are some', () => {
  expect(examples.length).toBeGreaterThanOrEqual(3)
})

test.each(examples)('$enrich', ({ enrich, record, path, event }) => {
  const named = enrich.replaceAll(
    /\bfile: (\S+\.\w+)/g,
    (_, file: string) => `file: ${join(directory, file)}`,
  )
  const require = { default: ['actor.id', 'action', 'targets', 'outcome.result'] }
  const given = spec({ preset: 'json' }, { enrich: enrichConfig.parse(parse(named)), require })
  const batch = compileNormaliser(given).lines({
    stream: { ...stream, ...(path !== undefined && { path }) },
    bytes: new Uint8Array(Buffer.from(`${JSON.stringify(JSON.parse(record))}\n`)),
    offset: 0,
    observed,
  })
  const [made] = eventsOf(batch)
  expect(invalid(made!)).toBeUndefined()
  expect(made).toMatchObject(JSON.parse(event))
})
