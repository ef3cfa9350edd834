// The receiver reads files whose records are framed: every guarantee that it gives for lines holds for those.
import { appendFile, rename, truncate, writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { MemoryIntake } from '../../memory-intake.ts'
import { until } from '../../until.ts'
import { Bench } from '../harness.ts'

const time = '2026-11-23T07:58:33.123456789Z'
const cri = (output: string, tag: string, text: string) => `${time} ${output} ${tag} ${text}\n`
const never = { multiline: { indented: true, timeout: '1h' } }

test('a record of several lines is complete with the next one, or after the timeout', async () => {
  await using bench = await Bench.create()
  const path = bench.path('a.log')
  await writeFile(path, 'a\n b\n')
  const { intake, receiver } = await bench.start({
    framing: { multiline: { indented: true, timeout: '200ms' } },
  })
  await appendFile(path, ' c\nd\n')
  await until('the first', () => intake.texts().length >= 1)
  expect(intake.texts()[0]).toBe('a\n b\n c')
  await until('the second', () => intake.texts().length >= 2)
  expect(intake.texts()).toEqual(['a\n b\n c', 'd'])
  await until('committed', () => receiver.status()[0]!.committed === 10)
})

test('after a restart, what was in the making is read again, and what was handed on behind it is not', async () => {
  await using bench = await Bench.create()
  const path = bench.path('a.log')
  await writeFile(path, cri('stdout', 'P', 'a') + cri('stderr', 'F', 'b') + cri('stderr', 'F', 'c'))
  const first = await bench.start({ framing: { container: 'auto' } })
  await until('both', () => first.intake.texts().length === 2)
  await first.receiver.caughtUp
  await first.receiver.stop()
  const [known] = first.intake.known()
  expect(known!.position.offset).toBe(0)
  expect(known!.position.ranges).toHaveLength(1)
  const { intake } = await bench.start({
    framing: { container: 'auto' },
    intake: first.intake,
    known: first.intake.known(),
  })
  await appendFile(path, cri('stdout', 'F', 'd'))
  await until('all', () => intake.texts().length >= 3)
  expect(intake.texts()).toEqual(['b', 'c', 'ad'])
  expect(intake.lineChunks.at(-1)!.frames!.containers).toEqual([{ time, output: 'stdout' }])
})

test('what was handed on is not read again when the configuration frames nothing any more', async () => {
  await using bench = await Bench.create()
  const path = bench.path('a.log')
  await writeFile(path, cri('stdout', 'P', 'a') + cri('stderr', 'F', 'b'))
  const first = await bench.start({ framing: { container: 'cri' } })
  await until('one', () => first.intake.texts().length === 1)
  await first.receiver.stop()
  const { intake } = await bench.start({ intake: first.intake, known: first.intake.known() })
  await until('all', () => intake.texts().length >= 2)
  expect(intake.texts()).toEqual(['b', cri('stdout', 'P', 'a').trimEnd()])
})

test('a rotation completes what is in the making, without the lines of the next file', async () => {
  await using bench = await Bench.create()
  const path = bench.path('a.log')
  await writeFile(path, 'a\n b\n')
  const { intake, receiver } = await bench.start({ framing: never })
  await until('read', () => receiver.status()[0]!.read === 5)
  await rename(path, bench.path('a.1'))
  await writeFile(path, ' c\nd\n')
  await until('both', () => intake.texts().length >= 2)
  expect(intake.texts().toSorted()).toEqual([' c', 'a\n b'])
})

test('a truncation completes what is in the making before the new generation', async () => {
  await using bench = await Bench.create()
  const path = bench.path('a.log')
  await writeFile(path, 'a\n b\n')
  const { intake, receiver } = await bench.start({ framing: never })
  await until('read', () => receiver.status()[0]!.read === 5)
  await truncate(path, 0)
  await writeFile(path, 'x\ny\n')
  await until('both', () => intake.texts().length >= 2)
  expect(intake.texts()).toEqual(['a\n b', 'x'])
})

test('goes back to the last commit when something could not be taken in', async () => {
  await using bench = await Bench.create()
  const failing = new MemoryIntake()
  failing.failNext(1)
  const lines = Array.from({ length: 200 }, (_, i) => `${i}\n ${'x'.repeat(i + 1)}`)
  await writeFile(bench.path('a.log'), `${lines.join('\n')}\nend\n`)
  const { intake } = await bench.start({ framing: never, chunkSize: 500, intake: failing })
  await until('all', () => intake.texts().length >= 200)
  expect(intake.texts()).toEqual(lines)
})

test('UTF-16, written in halves of characters, read from its end and from its beginning', async () => {
  await using bench = await Bench.create()
  const path = bench.path('a.log')
  const content = Buffer.from('\ufeffold\u0a0a\n', 'utf16le')
  await writeFile(path, content)
  const whole = await bench.start()
  const ended = await bench.start({ start_at: 'end' })
  await until('opened', () => ended.receiver.status()[0]?.read === content.length)
  for (const byte of Buffer.from('n\u0a0a\u{1f600}\nlast', 'utf16le')) {
    await appendFile(path, Buffer.of(byte))
    await new Promise((resolve) => setImmediate(resolve))
  }
  await until('new', () => ended.intake.texts().length >= 1)
  expect(ended.intake.texts()).toEqual(['n\u0a0a\u{1f600}'])
  await until('all', () => whole.intake.texts().length >= 2)
  expect(whole.intake.texts()).toEqual(['old\u0a0a', 'n\u0a0a\u{1f600}'])
  await rename(path, bench.path('a.1'))
  await until('the rest', () => whole.intake.texts().length >= 3)
  expect(whole.intake.texts()[2]).toBe('last')
})

test('a line of 10 MB in UTF-16 is one record, one of more than the limit is marked', async () => {
  await using bench = await Bench.create()
  const long = 'é'.repeat(5_000_000)
  await writeFile(bench.path('a.log'), Buffer.from(`\ufeff${long}\n${long}${long}\nend\n`, 'utf16le'))
  const { intake } = await bench.start()
  await until('all', () => intake.lineChunks.flatMap(({ frames }) => frames!.starts).length >= 3)
  const [first, second, third] = intake.allLines()
  expect(first!.bytes.toString() === long).toBe(true)
  expect(second!.oversize?.size).toBe(20_000_000)
  expect(third!.bytes.toString()).toBe('end')
})

test("auditd's events, joined over a restart: each once, whatever stands between their lines", async () => {
  await using bench = await Bench.create()
  const path = bench.path('audit.log')
  const line = (type: string, serial: number) => `type=${type} msg=audit(1700000000.000:${serial}): x=1`
  const text = (...lines: readonly string[]) => lines.map((one) => `${one}\n`).join('')
  const begun = [line('SYSCALL', 1), line('SYSCALL', 2), line('PROCTITLE', 1), line('PATH', 2)]
  await writeFile(path, text(...begun))
  const joining = { kind: 'auditd' } as const
  const first = await bench.start({ joining })
  await until('the first event', () => first.intake.texts().length === 1)
  await first.receiver.stop()
  const [known] = first.intake.known()
  // It stands at the second event's first line; the lines behind that are of an event that is done with, or of its own.
  expect(known!.position).toMatchObject({ offset: begun[0]!.length + 1 })
  expect(known!.position.ranges).toHaveLength(1)
  const { intake } = await bench.start({ joining, intake: first.intake, known: first.intake.known() })
  await appendFile(path, text(line('PROCTITLE', 2)))
  await until('the second', () => intake.texts().length >= 2)
  expect(intake.texts()).toEqual([
    text(line('SYSCALL', 1), line('PROCTITLE', 1)).trimEnd(),
    text(line('SYSCALL', 2), line('PATH', 2), line('PROCTITLE', 2)).trimEnd(),
  ])
})

test('an event of auditd that a rotation cut in two is two records, each of its own file, and nothing waits', async () => {
  await using bench = await Bench.create()
  const path = bench.path('audit.log')
  const line = (type: string) => `type=${type} msg=audit(1700000000.000:1): x=1`
  const joining = { kind: 'auditd' } as const
  await writeFile(path, `${line('SYSCALL')}\n${line('CWD')}\n`)
  const { intake, receiver } = await bench.start({ joining })
  await until('read', () => receiver.status()[0]!.read > 0)
  await rename(path, bench.path('audit.log.1'))
  await writeFile(path, `${line('PATH')}\n${line('PROCTITLE')}\n`)
  await until('both', () => intake.texts().length >= 2)
  expect(intake.texts().toSorted()).toEqual([
    `${line('PATH')}\n${line('PROCTITLE')}`,
    `${line('SYSCALL')}\n${line('CWD')}`,
  ])
  expect(intake.opened).toHaveLength(2)
})
