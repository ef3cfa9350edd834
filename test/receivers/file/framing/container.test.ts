// What container runtimes write around lines is taken off, and lines that they cut are joined.
import { expect, test } from 'vitest'
import { readCri } from '../../../../src/receivers/file/framing/cri.ts'
import { readDocker } from '../../../../src/receivers/file/framing/docker.ts'
import { frame, texts } from './framing.ts'

const time = '2026-11-23T07:58:33.123456789Z'
const cri = (output: string, tag: string, text: string) => `${time} ${output} ${tag} ${text}\n`
const docker = (stream: string, log: string) => `${JSON.stringify({ log, stream, time })}\n`

test.each([
  [`${time} stdout F text`, { text: 'text', partial: false }],
  [`${time} stdout P text `, { text: 'text ', partial: true }],
  [`${time} stdout F:x:y text`, { text: 'text', partial: false }],
  [`${time} stdout F `, { text: '', partial: false }],
  [`${time} stdout F`, { text: '', partial: false }],
  [`2026-11-23T08:58:33+01:00 stdout P  two`, { text: ' two', partial: true }],
])('CRI: %s', (line, { text, partial }) => {
  const found = readCri(Buffer.from(line))
  expect(found?.text.toString()).toBe(text)
  expect(found?.partial).toBe(partial)
  expect(found?.container).toEqual({ time: line.slice(0, line.indexOf(' ')), output: 'stdout' })
})

test.each([
  '',
  ' ',
  'text',
  `${time} stdin F x`,
  `${time} stdout X x`,
  `${time} stdoutF x`,
  '{"log":"x"}',
  'a stdout F x',
])('no CRI line: %j', (line) => {
  expect(readCri(Buffer.from(line))).toBeUndefined()
})

test.each([
  ['text\n', 'text', false],
  ['text\r\n', 'text', false],
  ['text', 'text', true],
  ['\n', '', false],
  ['"\\\t\u00e9\u{1f600}\n', '"\\\t\u00e9\u{1f600}', false],
])('Docker: %j', (log, text, partial) => {
  const found = readDocker(Buffer.from(docker('stderr', log)))
  expect(found?.text.toString()).toBe(text)
  expect(found?.partial).toBe(partial)
  expect(found?.container).toEqual({ time, output: 'stderr' })
})

test('Docker: further members do no harm, half a surrogate pair is told of', () => {
  const line = `{"log":"a\\ud800\\n","stream":"stdout","attrs":{"tag":"x"},"time":"${time}"}`
  expect(readDocker(Buffer.from(line))).toMatchObject({
    text: Buffer.from('a\ufffd'),
    warnings: [expect.stringContaining('surrogate')],
  })
})

test.each([
  '',
  '{',
  '{}',
  '[]',
  '{"log":1,"stream":"stdout","time":""}',
  '{"log":"a\\n","stream":"x","time":""}',
])('no Docker line: %j', (line) => {
  expect(readDocker(Buffer.from(line))).toBeUndefined()
})

test('parts of both outputs interleaved', async () => {
  const content =
    cri('stdout', 'P', 'out-1 ') +
    cri('stderr', 'P', 'err-1 ') +
    cri('stdout', 'P', 'out-2 ') +
    cri('stderr', 'F', 'err-2') +
    cri('stderr', 'F', 'err-3') +
    cri('stdout', 'F', 'out-3')
  const records = await frame(content, { container: 'cri' })
  expect(records.map(({ text, container }) => [container?.output, text])).toEqual([
    ['stderr', 'err-1 err-2'],
    ['stderr', 'err-3'],
    ['stdout', 'out-1 out-2 out-3'],
  ])
  expect(records[2]).toMatchObject({ offset: 0, length: content.length - 1 })
})

test('lines unwrapped, then joined, each output for itself', async () => {
  const content =
    cri('stdout', 'F', 'Error') +
    cri('stderr', 'F', 'Warning') +
    cri('stdout', 'P', '  at ') +
    cri('stderr', 'F', '  of b') +
    cri('stdout', 'F', 'a') +
    cri('stdout', 'F', 'next')
  expect(await texts(content, { container: 'cri', rule: { indented: true } })).toEqual([
    'Error\n  at a',
    'Warning\n  of b',
    'next',
  ])
})

test("Docker's parts of 16 KiB", async () => {
  const long = 'x'.repeat(16 * 1024)
  const content = docker('stdout', long) + docker('stdout', 'y\n') + docker('stdout', 'z\n')
  expect(await texts(content, { container: 'docker' })).toEqual([`${long}y`, 'z'])
})

test('10 MB in parts is one record', async () => {
  const part = 'x'.repeat(16 * 1024)
  const content = cri('stdout', 'P', part).repeat(640) + cri('stdout', 'F', 'end')
  const [record, ...others] = await frame(content, { container: 'auto', maxRecord: 16 << 20 }, 256 * 1024)
  expect(record!.text.length).toBe(640 * part.length + 3)
  expect(others).toEqual([])
})

test('a line that is not in the format is kept, with a warning', async () => {
  const records = await frame(`${cri('stdout', 'P', 'a')}what?\n${cri('stdout', 'F', 'b')}`, {
    container: 'cri',
  })
  expect(records).toMatchObject([
    { text: 'what?', warnings: [expect.stringContaining('cri')] },
    { text: 'ab' },
  ])
  expect(records[0]).not.toHaveProperty('container')
})

test('a part without its end, when no more will come', async () => {
  expect(await frame(cri('stdout', 'P', 'a'), { container: 'cri' })).toMatchObject([
    { text: 'a', warnings: ['the last part of this line never came'] },
  ])
})

test('more in the making than may be held is cut, and told of', async () => {
  const content =
    cri('stdout', 'P', 'o'.repeat(600)) + cri('stderr', 'P', 'e'.repeat(600)) + cri('stdout', 'F', 'rest')
  const records = await frame(content, { container: 'cri', maxRecord: 1_000 })
  expect(records).toMatchObject([
    { text: 'o'.repeat(600), warnings: [expect.stringContaining('cut off here')] },
    { text: 'rest' },
    { text: 'e'.repeat(600) },
  ])
})

test.each([
  ['CRI', cri('stdout', 'F', 'a'), 'a'],
  ['Docker', docker('stdout', 'a\n'), 'a'],
  ['Docker, longer than what is looked at', docker('stdout', `${'a'.repeat(70_000)}\n`), 'a'.repeat(70_000)],
  ['CRI behind blank lines', `\n\n${cri('stdout', 'F', 'a')}`, 'a'],
])('auto: %s', async (_, content, text) => {
  expect(await texts(content, { container: 'auto' })).toEqual([text])
})

test('auto: lines of another kind stay as they are', async () => {
  expect(await texts('{"a":1}\n', { container: 'auto', rule: { indented: true } })).toEqual(['{"a":1}'])
})
