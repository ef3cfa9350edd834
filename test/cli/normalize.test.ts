import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { normalizeCommand } from '../../src/cli/normalize.ts'
import { wholeLines } from '../../src/cli/whole-lines.ts'
import { temporaryDirectory } from '../journal/journal-directory.ts'

function sinks() {
  const into = () => {
    const list: Buffer[] = []
    const stream = new Writable({
      highWaterMark: 10,
      write: (chunk: Buffer, _, done) => {
        list.push(chunk)
        done()
      },
    })
    return { stream, text: () => Buffer.concat(list).toString() }
  }
  const [out, err] = [into(), into()]
  return { output: out.stream, errors: err.stream, printed: out.text, said: err.text }
}

async function run(
  chunks: readonly (string | Uint8Array)[],
  preset = 'json',
  whole = false,
  files: readonly string[] = [],
) {
  const { output, errors, printed, said } = sinks()
  const code = await normalizeCommand({
    mapping: { preset },
    whole,
    files,
    input: Readable.from(chunks.map((chunk) => Buffer.from(chunk))),
    output,
    errors,
  })
  return {
    code,
    events: printed()
      .trimEnd()
      .split('\n')
      .map((line): Readonly<Record<string, unknown>> => JSON.parse(line)),
    summary: said(),
  }
}

test('lines in, events out, however the input is cut', async () => {
  const { code, events, summary } = await run(['{"user":"u_1"}\n{"us', 'er":"u_', '2"}\n', '{"user":"u_3"}'])
  expect(code).toBe(0)
  expect(events).toMatchObject([1, 2, 3].map((n) => ({ actor: { id: `u_${n}` } })))
  expect(summary).toBe(
    '3 records, 0 not parsed, 3 with incomplete attribution (without action 3, targets 3, outcome.result 3)\n',
  )
})

test('1 when a line could not be parsed, which is kept nevertheless', async () => {
  const { code, events } = await run(['{"user":"u_1"}\nnonsense\n'])
  expect(code).toBe(1)
  expect(events).toMatchObject([{}, { quality: { parse: 'failed' } }])
})

test('what could not be read, or only in part, is kept beside its event, as the agent keeps it', async () => {
  const failed = await run(['{"user":"u_1"}\nno "JSON"\n', Buffer.from([0x66, 0xff, 0x0a])])
  expect(failed.code).toBe(1)
  expect(failed.events).toMatchObject([
    { quality: { parse: 'ok' } },
    { quality: { parse: 'failed' }, raw: { encoding: 'utf-8' }, raw_data: 'no "JSON"' },
    { quality: { parse: 'failed' }, raw: { encoding: 'base64', size: 2 }, raw_data: 'Zv8=' },
  ])
  expect(failed.events[0]).not.toHaveProperty('raw_data')
  const torn = 'type=USER_LOGIN msg=audit(1795417113.120:7): pid=1 uid=0 auid=1000 acct="ann'
  const partial = await run([`${torn}\n`], 'auditd')
  expect(partial).toMatchObject({ code: 0, events: [{ quality: { parse: 'partial' }, raw_data: torn }] })
})

test('a document over many lines is one record, or several when it is a list', async () => {
  const list = JSON.stringify([{ user: 'u_1' }, { user: 'u_2' }], undefined, 2)
  const { code, events, summary } = await run([list.slice(0, 9), `${list.slice(9)}\n`], 'json', true)
  expect(code).toBe(0)
  expect(events).toMatchObject([
    { actor: { id: 'u_1' }, provenance: { offset: 0, length: list.length + 1, index: 0 } },
    { actor: { id: 'u_2' }, provenance: { offset: 0, length: list.length + 1, index: 1 } },
  ])
  expect(summary).toContain('2 records, 0 not parsed')
  const marked = await run(['\ufeff{\n  "user": "u_3"\n}\n'], 'json', true)
  expect(marked).toMatchObject({ code: 0, events: [{ actor: { id: 'u_3' } }] })
})

test('a line that is too long is given by head, size and hash', async () => {
  const input = Readable.from([
    Buffer.from('short\n'),
    Buffer.alloc(60, 'x'),
    Buffer.alloc(60, 'x'),
    Buffer.from('\nlast'),
  ])
  const parts = await Array.fromAsync(wholeLines(input, 50))
  expect(parts.map(({ bytes, size, oversize }) => [bytes.length, size, oversize?.size])).toEqual([
    [6, 6, undefined],
    [60, 121, 120],
    [5, 4, undefined],
  ])
})

describe('files', () => {
  test('each is a stream of its own, and is recognised by itself', async () => {
    await using directory = await temporaryDirectory()
    const [shop, cluster] = [join(directory.path, 'shop.log'), join(directory.path, 'cluster.log.gz')]
    const record = { apiVersion: 'audit.k8s.io/v1', kind: 'Event', verb: 'get', user: { username: 'ada' } }
    await writeFile(shop, '{"user":"u_1","event":"order.read"}\n')
    await writeFile(cluster, gzipSync(`${JSON.stringify(record)}\n`))
    const { code, events, summary } = await run([], 'auto', false, [shop, cluster, shop])
    expect(code).toBe(0)
    expect(events).toMatchObject([
      { actor: { id: 'u_1' }, provenance: { preset: 'json', receiver: 'file' } },
      { actor: { id: 'ada' }, provenance: { preset: 'kubernetes' } },
      { actor: { id: 'u_1' } },
    ])
    expect(new Set(events.map(({ id }) => id)).size).toBe(2)
    expect(summary).toMatch(/^3 records, 0 not parsed, /)
  })

  test('what was read before a fault is printed and counted', async () => {
    await using directory = await temporaryDirectory()
    const file = join(directory.path, 'cut.log.gz')
    await writeFile(file, gzipSync('{"user":"u_1"}\n{"user":"u_2"}\n').subarray(0, -9))
    const { output, errors, printed, said } = sinks()
    const mapping = { preset: 'json' }
    const cut = normalizeCommand({ mapping, files: [file], input: Readable.from([]), output, errors })
    await expect(cut).rejects.toThrow(`${file}: the gzip data is cut off`)
    expect(printed()).toContain('"id":"u_1"')
    expect(said()).toMatch(/^\d records, /)
  })
})

test.each(['auto', 'json'])('the log of a container is unwrapped: %s', async (preset) => {
  const at = (n: number) => `2026-11-23T06:58:3${n}.123456789Z stdout`
  const { code, events } = await run(
    [
      `${at(3)} F {"user":"u_1","event":"a.b"}\n${at(4)} P {"user":"u_2",\n`,
      `${at(4)} F "event":"a.c"}\n${at(5)} P {"user":"u_3"`,
    ],
    preset,
  )
  expect(code).toBe(1)
  expect(events).toMatchObject([
    { actor: { id: 'u_1' }, metadata: { container: { output: 'stdout' } }, provenance: { offset: 0 } },
    { actor: { id: 'u_2' }, action: 'a.c', time: '2026-11-23T06:58:34.123456789Z' },
    { quality: { parse: 'failed' }, raw_data: '{"user":"u_3"' },
  ])
})

describe('JSON over several lines', () => {
  const pretty = `${JSON.stringify({ Records: [{ eventSource: 'iam', eventName: 'CreateUser' }] }, undefined, 2)}\n`
  const hint =
    'the standard input looks like JSON written over several lines: --whole reads it as one document'

  test.each(['json', 'auto', 'kubernetes'])('is told of: %s', async (preset) => {
    expect((await run([pretty], preset)).summary).toContain(`\n${hint}`)
    expect((await run(['{\n"user": "u_1"\n}\n'], preset)).summary).toContain(hint)
    expect((await run(['[\n', '{"user": "u_1",\n"event":"a.b"\n}]\n'], preset)).summary).toContain(hint)
  })

  test.each([
    ['one bad line', '{"user":"u_1",\n{"user":"u_2"}\n'],
    ['lines of text', '{ starting\n{ stopping\n'],
    ['lines of JSON', '{"user":"u_1"}\n[{"user":"u_2"}]\n'],
  ])('%s is not', async (_, text) => {
    expect((await run([text], 'json')).summary).not.toContain('several lines')
  })

  test('--whole recognises what the document is', async () => {
    expect(await run([pretty], 'auto', true)).toMatchObject({
      code: 0,
      events: [{ provenance: { preset: 'cloudtrail' } }],
    })
  })
})
