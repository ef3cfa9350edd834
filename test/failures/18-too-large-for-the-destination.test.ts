/** Elsewhere a batch that is too large is dropped whole. Here it is halved down to the one event that does not fit. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { range } from '../delivery/scripted-sink.ts'
import { open, temporaryDirectory } from '../journal/journal-directory.ts'
import { connected } from '../sinks/http/destination.ts'
import { append, delivering, numbersIn } from './delivering.ts'

test('413: the event that is too large is a dead letter, all others are delivered once', async () => {
  await using directory = await temporaryDirectory()
  const { destination, sink } = await connected()
  const accept = destination.answer
  destination.answer = async (request, response) => {
    if (Number(request.headers['content-length']) <= 1500) return await accept(request, response)
    request.resume().on('end', () => response.writeHead(413).end())
  }
  await using journal = await open(directory.path)
  await append(journal, 0, 100, (n) => (n === 63 ? 'x'.repeat(2000) : ''))
  const delivery = await delivering(journal, directory.path, sink)
  await delivery.settledThrough(100, AbortSignal.timeout(15_000))
  await delivery.stop(0)
  expect(numbersIn(destination.lines()).toSorted((a, b) => a - b)).toEqual(
    range(0, 100).filter((n) => n !== 63),
  )
  const letters = join(directory.path, 'dlq', 'hook')
  const [file] = await readdir(letters)
  const [letter, ...rest] = (await readFile(join(letters, file ?? ''), 'utf8')).trimEnd().split('\n')
  expect(rest).toEqual([])
  expect(JSON.parse(letter ?? '')).toMatchObject({ reason: expect.stringContaining('413'), event: { n: 63 } })
})
