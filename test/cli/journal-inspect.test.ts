import { open as openFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { inspectJournal } from '../../src/cli/journal-inspect.ts'
import { batchOf, open, stream, temporaryDirectory } from '../journal/journal-directory.ts'

async function inspect(dataDir: string) {
  const lines: string[] = []
  const code = await inspectJournal(dataDir, (line) => lines.push(line))
  return { code, text: lines.join('\n') }
}

describe('journal inspect', () => {
  test('prints segments, blocks, streams and cursors, while the agent runs and after', async () => {
    await using directory = await temporaryDirectory()
    const journal = await open(directory.path)
    const position = { offset: 9, ranges: [[12, 15]] as const }
    await journal.append(batchOf(['a', 'b']), {
      stream: stream(1),
      descriptor: Buffer.from('{"inode":7}'),
      position,
    })
    await journal.cursor('sink', { start: 'head', required: true })
    const running = await inspect(directory.path)
    expect(running.code).toBe(0)
    expect(running.text).toContain(`origin affiant/test/${journal.epoch}`)
    expect(running.text).toMatch(/@\d+ seq 0\.\.1 · group 1 .* → 9 \+ 12\.\.15 · descriptor \{"inode":7\}/)
    expect(running.text).toContain('cursor sink: settled below 2')
    expect(running.text).toContain('open, or not closed')
    await journal[Symbol.asyncDispose]()
    expect((await inspect(directory.path)).text).toContain('closed in good order')
  })

  test('names what is damaged', async () => {
    await using directory = await temporaryDirectory()
    const journal = await open(directory.path)
    for (const text of ['a', 'b', 'c']) await journal.append(batchOf([text]), { stream: stream(1) })
    await journal[Symbol.asyncDispose]()
    const segments = join(directory.path, 'journal')
    const name = (await readdir(segments)).find((each) => each.endsWith('.seg'))
    const file = await openFile(join(segments, name ?? ''), 'r+')
    await file.write(Buffer.of(0xff), 0, 1, 8208 + 208 + 200)
    await file.close()
    const { code, text } = await inspect(directory.path)
    expect(code).toBe(65)
    expect(text).toContain('seq 1..1 DAMAGED body')
    expect(text).toContain('1 damaged')
  })

  test('says so where there is no journal', async () => {
    await using directory = await temporaryDirectory()
    expect(await inspect(directory.path)).toMatchObject({
      code: 66,
      text: expect.stringContaining('no journal'),
    })
  })
})
