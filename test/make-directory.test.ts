import { existsSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { makeDirectory } from '../src/make-directory.ts'

function temporary(): string {
  const directory = mkdtempSync(join(tmpdir(), 'affiant-mkdir-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  return directory
}

test('makes what is missing, and leaves what is there', async () => {
  const root = temporary()
  const path = join(root, 'a', 'b', 'c')
  await makeDirectory(path, 0o700)
  expect(statSync(join(root, 'a')).mode & 0o777).toBe(0o700)
  await makeDirectory(path)
  await Promise.all([1, 2, 3].map(() => makeDirectory(join(root, 'd', 'e', 'f'))))
  expect(statSync(join(root, 'd', 'e', 'f')).isDirectory()).toBe(true)
})

test('many at the same time, of what shares its parents', async () => {
  for (let round = 0; round < 50; round++) {
    const root = temporary()
    await Promise.all(
      [0, 1, 2, 3, 4, 5].map(async (delay) => {
        for (let turn = 0; turn < delay; turn++) await stat(root)
        await makeDirectory(join(root, 'a', 'b', 'c'))
      }),
    )
    expect(statSync(join(root, 'a', 'b', 'c')).isDirectory()).toBe(true)
  }
})

test('a file in the way, and a link to nowhere, are errors', async () => {
  const root = temporary()
  writeFileSync(join(root, 'file'), '')
  symlinkSync(join(root, 'nowhere'), join(root, 'link'))
  await expect(makeDirectory(join(root, 'file'))).rejects.toMatchObject({ code: 'EEXIST' })
  await expect(makeDirectory(join(root, 'file', 'a', 'b'))).rejects.toMatchObject({ code: 'ENOTDIR' })
  await expect(makeDirectory(join(root, 'link', 'a'))).rejects.toMatchObject({ code: 'EEXIST' })
})

test.skipIf(!existsSync('/proc/self'))(
  'a file system that lets nobody make a directory is an error',
  async () => {
    await expect(makeDirectory('/proc/nope/a/b')).rejects.toMatchObject({ code: 'ENOENT' })
  },
)
