// Lines of auditd that belong to one event, whatever stands between them: which, in which order, until when.
import { expect, test } from 'vitest'
import { AuditGroups } from '../../../../src/receivers/file/framing/audit-groups.ts'
import { beginning, feed, frame, framingFor, type Rules, recordsOf, texts } from './framing.ts'

const rules: Rules = { joining: { kind: 'auditd', timeout: 2_000 } }
const newline = Buffer.of(10)

const line = (type: string, serial: number, rest = 'x=1', node = '') =>
  `${node}type=${type} msg=audit(1700000000.000:${serial}): ${rest}`
const content = (...lines: readonly string[]) => lines.map((one) => `${one}\n`).join('')

test('lines of one serial are one record, in the order of first lines', async () => {
  const [a, b, c, d, e] = [
    line('SYSCALL', 1),
    line('SYSCALL', 2),
    line('PATH', 1),
    line('CWD', 2),
    line('CWD', 1),
  ]
  expect(await frame(content(a!, b!, c!, d!, e!), rules)).toEqual([
    { text: `${a}\n${c}\n${e}`, offset: 0, length: content(a!, b!, c!, d!, e!).length - 1 },
    { text: `${b}\n${d}`, offset: a!.length + 1, length: content(b!, c!, d!).length - 1 },
  ])
})

test('events of different hosts with the same serial are different', async () => {
  const lines = [line('SYSCALL', 1, '', 'node=a '), line('SYSCALL', 1, '', 'node=b '), line('CWD', 1)]
  expect(await texts(content(...lines), rules)).toEqual(lines)
})

test.each([
  ['EOE', [line('SYSCALL', 1), line('EOE', 1, '')]],
  ['PROCTITLE', [line('SYSCALL', 1), line('PROCTITLE', 1)]],
  ["a program's message", [line('USER_LOGIN', 1, "pid=1 msg='op=login res=success'")]],
  ['DAEMON_START', [line('DAEMON_START', 1)]],
])('%s ends an event at once', async (_, lines) => {
  const bytes = Buffer.from(content(...lines))
  const { framer } = await framingFor(bytes, rules)
  const machine = framer(beginning)
  expect(recordsOf(feed(machine, bytes, newline)).map(({ text }) => text)).toEqual([lines.join('\n')])
  expect(machine.position).toEqual({ offset: bytes.length, ranges: [] })
})

test('an event that ended waits for those that began before it', async () => {
  const bytes = Buffer.from(content(line('SYSCALL', 1), line('SYSCALL', 2), line('PROCTITLE', 2)))
  const { framer } = await framingFor(bytes, rules)
  const machine = framer(beginning)
  expect(machine.push({ bytes, offset: 0, end: bytes.length }, 1_000)).toEqual([])
  expect(machine.isDue(2_999)).toBe(false)
  expect(machine.isDue(3_000)).toBe(true)
  expect(recordsOf(machine.quiet(3_000)).map(({ text }) => text)).toEqual([
    line('SYSCALL', 1),
    content(line('SYSCALL', 2), line('PROCTITLE', 2)).trimEnd(),
  ])
})

test('what comes after the end of its event says so; a late EOE is nothing', async () => {
  const records = await frame(
    content(line('SYSCALL', 1), line('PROCTITLE', 1), line('EOE', 1, ''), line('PATH', 1), line('CWD', 1)),
    rules,
  )
  expect(records.map(({ text, warnings }) => [text.split('\n').length, warnings])).toEqual([
    [2, undefined],
    [2, ['a later part of the audit event 1700000000.000:1, which had ended before it came']],
  ])
})

test('an event ends when 512 lines came without one of its own', async () => {
  const others = (count: number, from: number) =>
    Array.from({ length: count }, (_, i) => line('USER_ACCT', from + i, "msg='res=success'"))
  const near = await texts(content(line('SYSCALL', 1), ...others(511, 10), line('CWD', 1)), rules)
  expect(near).toHaveLength(512)
  expect(near[0]).toBe(`${line('SYSCALL', 1)}\n${line('CWD', 1)}`)
  const far = await frame(content(line('SYSCALL', 1), ...others(512, 10), line('CWD', 1)), rules)
  expect(far).toHaveLength(514)
  expect(far.at(-1)).toMatchObject({
    text: line('CWD', 1),
    warnings: [expect.stringMatching(/^a later part/)],
  })
})

test('lines that are of no event are records, in their place', async () => {
  expect(
    await texts(content(line('SYSCALL', 1), 'type=UNKNOWN[1329] msg=?', '', 'x', line('CWD', 1)), rules),
  ).toEqual([`${line('SYSCALL', 1)}\n${line('CWD', 1)}`, 'type=UNKNOWN[1329] msg=?', 'x'])
})

test('more than may be held at once is cut off, and says so', async () => {
  const lines = Array.from({ length: 40 }, (_, i) => line('SYSCALL', i, 'y'.repeat(200)))
  const records = await frame(content(...lines), { ...rules, maxRecord: 4_000 })
  expect(records.map(({ text }) => text)).toEqual(lines)
  expect(records[0]!.warnings).toEqual(['cut off here: more was begun at once in this file than may be held'])
  expect(records.at(-1)!.warnings).toBeUndefined()
})

test('what is held is counted, however records come and go', async () => {
  const bytes = Buffer.from(content(line('SYSCALL', 1), line('SYSCALL', 2), line('PATH', 1)))
  const { framer } = await framingFor(bytes, rules)
  const machine = framer(beginning)
  machine.push({ bytes, offset: 0, end: bytes.length }, 0)
  expect(machine.held).toBe(bytes.length - 2)
  machine.flush()
  expect(machine.held).toBe(0)
  expect(new AuditGroups(() => {}).isEmpty).toBe(true)
})
