/** What commands say of an event that is damaged, and of a data directory that an agent has. */
import { readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadAgentConfig } from '../../src/agent/load.ts'
import { traceEvent } from '../../src/agent/trace-event.ts'
import { forgetSinkCommand } from '../../src/cli/sink-forget.ts'
import { batchOf, open, stream, temporaryDirectory } from '../journal/journal-directory.ts'

async function configIn(dataDir: string): Promise<string> {
  const path = join(dataDir, 'affiant.json')
  const receivers = { app: { type: 'file', include: [join(dataDir, '*.log')] } }
  const sinks = { out: { type: 'stdout' } }
  await writeFile(path, JSON.stringify({ agent: { data_dir: dataDir }, receivers, sinks }))
  return path
}

test('show says of an event whose segment is gone that it is gone, and where', async () => {
  await using directory = await temporaryDirectory()
  for (let n = 0; n < 3; n++) {
    const journal = await open(directory.path)
    await journal.append(batchOf([`{"n":${n}}`]), { stream: stream(1) })
    await journal[Symbol.asyncDispose]()
  }
  const segments = join(directory.path, 'journal')
  const names = (await readdir(segments)).filter((name) => name.endsWith('.seg')).toSorted()
  await rm(join(segments, names[1]!))
  const { config } = await loadAgentConfig([await configIn(directory.path)])
  await expect(traceEvent(config, 1)).rejects.toMatchObject({
    code: 'journal_damaged',
    message: expect.stringMatching(
      /^event 1 cannot be read from the journal in .*: gone behind .*\.seg @\d+$/,
    ),
  })
  await expect(traceEvent(config, 3)).rejects.toMatchObject({ code: 'seq_not_found' })
})

test('a sink cannot be forgotten while somebody has the journal and hears nobody, and the hint says why', async () => {
  await using directory = await temporaryDirectory()
  await using journal = await open(directory.path)
  await journal.cursor('gone', { start: 'earliest', required: true })
  const config = await configIn(directory.path)
  await expect(forgetSinkCommand('gone', [config], { write: () => {} })).rejects.toMatchObject({
    code: 'data_dir_locked',
    hint: expect.stringContaining('no control socket'),
  })
})
