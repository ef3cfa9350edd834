// Every example of docs/redaction.md does what the page says.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { redactConfig } from '../../src/attribution/redact/config.ts'
import { compileNormaliser } from '../../src/normalise/normaliser.ts'
import { eventsOf, invalid, lines, spec } from './normalising.ts'

const page = readFileSync(join(import.meta.dirname, '../../docs/redaction.md'), 'utf8')
const blocks = [
  ...page.matchAll(/```(?:yaml|json) (redact|record|event|raw)(?: raw=(\S+))?\n([\s\S]*?)```/g),
].map(([, kind = '', raw, text = '']) => ({ kind, raw, text }))

const examples = blocks.flatMap(({ kind, raw = 'none', text }, i) => {
  if (kind !== 'redact') return []
  const [record, event, kept] = blocks.slice(i + 1)
  expect([record?.kind, event?.kind]).toEqual(['record', 'event'])
  return [
    {
      redact: text,
      raw,
      record: record!.text,
      event: event!.text,
      kept: kept?.kind === 'raw' ? kept.text : '',
    },
  ]
})

test('there are some', () => {
  expect(examples.length).toBeGreaterThanOrEqual(8)
})

test.each(examples)('$redact', ({ redact, raw, record, event, kept }) => {
  const normaliser = compileNormaliser(
    spec(
      { preset: 'json' },
      {
        redact: redactConfig.parse(parse(redact)),
        raw: raw as 'none' | 'full',
        hashKeys: [{ id: '2026-11', secret: '11'.repeat(32) }],
      },
    ),
  )
  const batch = lines(normaliser, `${record.trim()}\n`)
  const [made] = eventsOf(batch)
  expect(invalid(made!)).toBeUndefined()
  expect(made).toMatchObject(JSON.parse(event))
  const { actor, targets, unmapped, redactions } = JSON.parse(event) as Record<string, object>
  // What the page shows of these is all that there is.
  if (redact.includes('allow')) {
    expect([made!.actor, made!.targets, made!.unmapped]).toEqual([actor, targets, unmapped])
  }
  if (redactions !== undefined) expect(made!.redactions).toEqual(redactions)
  expect(Buffer.from(batch.raw).toString()).toBe(kept.trim())
})
