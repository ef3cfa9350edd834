// Presets of line formats over real records: as many events as there are, valid, read, and whose they are.
import { describe, expect, test } from 'vitest'
import type { Event } from '../normalising.ts'
import { completenessOf, joinedEvents } from './joined.ts'
import { samplesArePresent, sampleText } from './trial.ts'

const parseOf = ({ quality }: Event) => (quality as { parse: string }).parse

describe.skipIf(!samplesArePresent)('real records', () => {
  test.each([
    ['nginx-http-malformed_nginx_http-logs.log', 12],
    ['nginx_http-logs_nginx_http-logs.log', 9],
  ])('nginx, %s', async (file, count) => {
    const events = await joinedEvents({ preset: 'nginx' }, sampleText(`nginx/${file}`))
    expect(events).toHaveLength(count)
    expect(events.map(parseOf)).toEqual(Array.from({ length: count }, () => 'ok'))
    expect(completenessOf(events)).toEqual({ share: 1, lacking: {} })
  })

  test('nginx: what is no request is said to be none', async () => {
    const events = await joinedEvents(
      { preset: 'nginx' },
      sampleText('nginx/nginx-http-malformed_nginx_http-logs.log'),
    )
    expect(new Set(events.map(({ action }) => action))).toEqual(new Set(['http:invalid']))
  })

  test('keycloak', async () => {
    const events = await joinedEvents({ preset: 'keycloak' }, sampleText('keycloak/keycloak-logs.log'))
    expect(events).toHaveLength(7)
    expect(events.map(parseOf)).toEqual(Array.from({ length: 7 }, () => 'ok'))
    expect(completenessOf(events)).toEqual({ share: 1, lacking: {} })
    expect(events.every(({ outcome }) => (outcome as { result: string }).result === 'failure')).toBe(true)
  })

  test('pgaudit: what psql shows, of statements of several lines the first', async () => {
    const text = sampleText('pgaudit/pgaudit-expected-lines.txt')
    const events = await joinedEvents({ preset: 'pgaudit_stderr' }, text)
    expect(events).toHaveLength(415)
    // Cut off by the sample: the quote of the statement is not closed.
    const torn = text.split('\n').map((line) => (line.split('"').length % 2 === 0 ? 'partial' : 'ok'))
    expect(events.map(parseOf)).toEqual(torn)
    expect(torn.filter((one) => one === 'partial')).toHaveLength(179)
    expect(events.every(({ action }) => String(action).startsWith('pgaudit:'))).toBe(true)
    // Neither user nor database stands in what a client sees: nobody can say who it was.
    expect(new Set(events.map(({ actor }) => JSON.stringify(actor)))).toEqual(new Set(['{"type":"unknown"}']))
  })
})

test('a session of PostgreSQL, from its connection to its end', async () => {
  const at = (second: number) => `2026-11-23 10:00:0${second}.000 UTC [4711] `
  const events = await joinedEvents(
    { preset: 'pgaudit_stderr' },
    [
      `${at(1)}[unknown]@[unknown] LOG:  connection received: host=192.0.2.7 port=51000`,
      `${at(1)}ann@shop LOG:  connection authenticated: identity="ann" method=scram-sha-256 (/etc/pg_hba.conf:9)`,
      `${at(1)}ann@shop LOG:  connection authorized: user=ann database=shop application_name=psql`,
      `${at(2)}ann@shop LOG:  AUDIT: SESSION,1,1,ROLE,GRANT,TABLE,,grant select on cards to bob,<not logged>`,
      `${at(3)}ann@shop LOG:  AUDIT: SESSION,2,1,ROLE,CREATE ROLE,,,create role eve password <REDACTED>,<not logged>`,
      `${at(4)}ann@shop ERROR:  permission denied for table cards`,
      `${at(4)}ann@shop STATEMENT:  select *`,
      '\tfrom cards',
      `${at(5)}ann@shop LOG:  disconnection: session time: 0:00:04.000 user=ann database=shop host=192.0.2.7 port=51000`,
      `${at(6)}LOG:  checkpoint starting: time`,
    ].join('\n'),
  )
  const facts = events.map(({ action, operation, category, actor, outcome, targets }) => {
    const { id, type } = actor as Record<string, string>
    const [target] = targets as Record<string, string>[]
    return [
      action,
      operation,
      category,
      `${type} ${id}`,
      (outcome as { result: string }).result,
      `${target?.type} ${target?.id}`,
    ].join(' | ')
  })
  expect(facts).toEqual([
    'postgresql:connection_received | login | authentication | anonymous 192.0.2.7 | success | server postgresql',
    'postgresql:connection_authenticated | login | authentication | user ann | success | database shop',
    'postgresql:connection_authorized | login | authentication | user ann | success | database shop',
    'pgaudit:ROLE:GRANT | grant | iam | user ann | unknown | database shop',
    'pgaudit:ROLE:CREATE ROLE | create | iam | user ann | unknown | role eve',
    'postgresql:error | other | system | user ann | failure | database shop',
    'postgresql:disconnection | logout | session | user ann | success | database shop',
    'postgresql:log | other | system | unknown undefined | unknown | server postgresql',
  ])
})
