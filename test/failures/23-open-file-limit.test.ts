/** Elsewhere files are never read once the limit of open files is reached. Here they take turns, and the limit is said. */
import { appendFile, mkdir, readdir, readlink, rename, rm, writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { Bench } from '../receivers/file/harness.ts'
import { until } from '../receivers/until.ts'

const names = (count: number) => Array.from({ length: count }, (_, index) => `file-${index}`)

/** Descriptors of this process that lie in a directory. */
async function descriptorsIn(directory: string): Promise<number> {
  const links = (await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => ''))
  return (await Promise.all(links)).filter(
    (path) => path.startsWith(`${directory}/`) && path.endsWith('.log'),
  ).length
}

test('over the open-file limit files take turns: all are read, and the limit is a metric and one warning', async () => {
  await using bench = await Bench.create()
  const files = names(60)
  await Promise.all(files.map((name) => writeFile(bench.path(`${name}.log`), `${name}\n`)))
  const { intake, logs, metrics, receiver } = await bench.start({ more: { max_open_files: 8 } })
  await receiver.caughtUp
  for (const round of ['again', 'and again']) {
    await Promise.all(files.map((name) => appendFile(bench.path(`${name}.log`), `${name} ${round}\n`)))
    await until('the round', () => intake.texts().filter((text) => text.endsWith(` ${round}`)).length === 60)
  }
  expect(intake.texts().sort()).toEqual(
    files.flatMap((name) => [name, `${name} again`, `${name} and again`]).sort(),
  )
  if (process.platform === 'linux') expect(await descriptorsIn(bench.directory)).toBeLessThanOrEqual(10)
  const text = await metrics.registry.metrics()
  expect(text).toContain('affiant_receiver_files_open_limit{receiver="app"} 8')
  expect(Number(/affiant_receiver_files_open\{receiver="app"\} (\d+)/.exec(text)?.[1])).toBeLessThanOrEqual(
    10,
  )
  expect(text).toContain('affiant_receiver_files{receiver="app"} 60')
  const warnings = logs.filter(({ msg }) => msg.includes('max_open_files'))
  expect(warnings).toMatchObject([
    { level: 40, msg: expect.stringContaining('more files match, and take turns') },
  ])
})

test('files longer than a turn are read to their ends, and one that never ends starves none', async () => {
  await using bench = await Bench.create()
  const files = names(12)
  const lines = (name: string) => Array.from({ length: 400 }, (_, n) => `${name} ${n} ${'x'.repeat(60)}`)
  await Promise.all(files.map((name) => writeFile(bench.path(`${name}.log`), `${lines(name).join('\n')}\n`)))
  const noisy = bench.path('noisy.log')
  await writeFile(noisy, 'noisy\n')
  const { intake } = await bench.start({ more: { max_open_files: 3 }, chunkSize: 4096 })
  await until('all lines', async () => {
    await appendFile(noisy, `noisy ${'y'.repeat(8000)}\n`)
    return intake.texts().filter((text) => text.startsWith('file-')).length >= 12 * 400
  })
  const read = intake.texts().filter((text) => text.startsWith('file-'))
  expect(read.sort()).toEqual(files.flatMap(lines).sort())
})

test('a file without a descriptor is found again under the name that a rotation gave it', async () => {
  await using bench = await Bench.create()
  const files = names(6)
  await Promise.all(files.map((name) => writeFile(bench.path(`${name}.log`), `${name}\n`)))
  const { intake, receiver } = await bench.start({ more: { max_open_files: 2 } })
  await receiver.caughtUp
  await until('the first lines', () => intake.texts().length === 6)
  for (const name of files) {
    await appendFile(bench.path(`${name}.log`), `${name} last\n`)
    await rename(bench.path(`${name}.log`), bench.path(`${name}.log.1`))
    await writeFile(bench.path(`${name}.log`), `${name} next\n`)
  }
  await until(
    'old and new',
    () => intake.texts().length >= 18,
    () => intake.texts(),
  )
  expect(intake.texts().sort()).toEqual(
    files.flatMap((name) => [name, `${name} last`, `${name} next`]).sort(),
  )
})

test('a file that goes while it has no descriptor is let go of, and nobody spins', async () => {
  await using bench = await Bench.create()
  const files = names(6)
  await Promise.all(files.map((name) => writeFile(bench.path(`${name}.log`), `${name}\n`)))
  const { intake, receiver, logs } = await bench.start({ more: { max_open_files: 2 } })
  await receiver.caughtUp
  await until('the first lines', () => intake.texts().length === 6)
  await Promise.all(files.map((name) => rm(bench.path(`${name}.log`))))
  await until(
    'all gone',
    () => receiver.status().length === 0,
    () => receiver.status(),
  )
  expect(logs.filter(({ level }) => level >= 50)).toEqual([])
  await mkdir(bench.path('later'))
  await writeFile(bench.path('new.log'), 'new\n')
  await until('the next file', () => intake.texts().includes('new'))
})
