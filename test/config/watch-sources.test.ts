import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { watchSources } from '../../src/config/watch-sources.ts'
import { WorkDirectory } from '../e2e/agent-process.ts'

/** A watch whose looks are called for, one by one. */
function watching(paths: readonly string[]) {
  const over = new AbortController()
  let changes = 0
  let look = Promise.withResolvers<void>()
  let isLooking = Promise.withResolvers<void>()
  const clock = {
    sleep: () => {
      isLooking.resolve()
      return look.promise
    },
  }
  const changed = async () => void changes++
  const running = watchSources({ paths, clock, changed }, over.signal)
  return {
    /** How many changes there have been once it has looked again. */
    async look(): Promise<number> {
      await isLooking.promise
      isLooking = Promise.withResolvers<void>()
      const { resolve } = look
      look = Promise.withResolvers<void>()
      resolve()
      await isLooking.promise
      return changes
    },
    async [Symbol.asyncDispose](): Promise<void> {
      await isLooking.promise
      over.abort()
      look.resolve()
      await running
    },
  }
}

test('a file that is being written is left alone until it stays the same', async () => {
  using directory = new WorkDirectory()
  const path = directory.write('a.yaml', 'a: 1')
  await using watch = watching([path])
  expect(await watch.look()).toBe(0)
  writeFileSync(path, 'a: 2, half')
  expect(await watch.look()).toBe(0)
  writeFileSync(path, 'a: 2, half and the rest')
  expect(await watch.look()).toBe(0)
  expect(await watch.look()).toBe(1)
  expect(await watch.look()).toBe(1)
})

test('what an editor puts in its place counts, and a file that is gone, and back', async () => {
  using directory = new WorkDirectory()
  const path = directory.write('a.yaml', 'a: 1')
  await using watch = watching([path])
  await watch.look()
  renameSync(directory.write('a.yaml.tmp', 'a: 2'), path)
  await watch.look()
  expect(await watch.look()).toBe(1)
  rmSync(path)
  await watch.look()
  expect(await watch.look()).toBe(2)
  writeFileSync(path, 'a: 2')
  await watch.look()
  expect(await watch.look()).toBe(3)
})

test('in a directory, files that come and go count, and what is no configuration does not', async () => {
  using directory = new WorkDirectory()
  directory.write('conf/a.yaml', 'a: 1')
  await using watch = watching([directory.at('conf')])
  await watch.look()
  const added = directory.write('conf/b.yaml', 'b: 1')
  await watch.look()
  expect(await watch.look()).toBe(1)
  rmSync(added)
  await watch.look()
  expect(await watch.look()).toBe(2)
  directory.write('conf/notes.txt', 'none')
  await watch.look()
  expect(await watch.look()).toBe(2)
})

test('a mounted ConfigMap: the link that all files are reached by is swapped', async () => {
  using directory = new WorkDirectory()
  const mount = directory.at('mount')
  mkdirSync(mount)
  directory.write('mount/..one/affiant.yaml', 'a: 1')
  symlinkSync('..one', directory.at('mount', '..data'))
  symlinkSync('..data/affiant.yaml', directory.at('mount', 'affiant.yaml'))
  await using byFile = watching([directory.at('mount', 'affiant.yaml')])
  await using byDirectory = watching([mount])
  await Promise.all([byFile.look(), byDirectory.look()])
  directory.write('mount/..two/affiant.yaml', 'a: 2')
  symlinkSync('..two', directory.at('mount', '..data_tmp'))
  renameSync(directory.at('mount', '..data_tmp'), directory.at('mount', '..data'))
  await Promise.all([byFile.look(), byDirectory.look()])
  expect(await Promise.all([byFile.look(), byDirectory.look()])).toEqual([1, 1])
})
