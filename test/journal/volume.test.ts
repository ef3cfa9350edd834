// A journal on a volume that is no local disk works, and says at its start what may go wrong there.
import { existsSync } from 'node:fs'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { journalConfig } from '../../src/journal/config.ts'
import { nodeFileSystem } from '../../src/journal/node-file-system.ts'
import { openJournal } from '../../src/journal/open.ts'
import { doubtsAbout } from '../../src/journal/volume.ts'
import { WorkDirectory } from '../e2e/agent-process.ts'

const nfs = 0x6969
const ext4 = 0xef53

/** What a start says, on a volume of this type. */
async function saidOn(type: number): Promise<string> {
  using directory = new WorkDirectory()
  const said: string[] = []
  const log = pino({ level: 'info' }, { write: (line) => said.push(line) })
  await using _journal = await openJournal({
    dataDir: directory.path,
    agentId: 'a',
    config: journalConfig.parse({ segment_size: '64KiB' }),
    log,
    fs: { ...nodeFileSystem, volume: async () => ({ bytes: 2 ** 30, type }) },
  })
  return said.join('')
}

test('NFS is warned of, ext4 is not', async () => {
  expect(await saidOn(nfs)).toMatch(/journal on NFS: .*local disk/)
  expect(await saidOn(ext4)).not.toContain('journal on')
})

test.runIf(existsSync('/dev/shm'))('a file system in memory is known as the kernel names it', async () => {
  const volume = await nodeFileSystem.volume('/dev/shm')
  expect(volume.bytes).toBeGreaterThan(0)
  expect(doubtsAbout(volume)).toMatch(/^on tmpfs: /)
})

test('an overlay may be a local disk', () => {
  expect(doubtsAbout({ type: 0x794c7630 })).toBeUndefined()
})
