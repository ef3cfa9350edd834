// `preset: auto`: a file's first records say what it is, once, and a restart knows it.
import { appendFile, rename, writeFile } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import type { PresetDetector } from '../../../../src/receivers/file/identity/preset.ts'
import { until } from '../../until.ts'
import { Bench } from '../harness.ts'

/** Knows records that say what they are: `a:1`. */
function detectorOf(names: readonly string[]) {
  const asked: (readonly string[])[] = []
  const detector: PresetDetector = {
    detect(records) {
      asked.push(records)
      const preset = records.map((record) => record.split(':')[0]!).find((name) => names.includes(name))
      return { preset: preset ?? 'other', recognised: preset !== undefined }
    },
    framing: (preset) =>
      [...names, 'other'].includes(preset)
        ? { encoding: 'auto', container: 'auto', maxRecord: 1024 }
        : undefined,
  }
  return { detector, asked }
}

const presets = (chunks: readonly { readonly stream: { readonly preset?: string } }[]) =>
  chunks.map(({ stream }) => stream.preset)

test('every chunk of the file says it, and so does what opened it', async () => {
  await using bench = await Bench.create()
  await writeFile(bench.path('a.log'), '\n\na:1\na:2\nrest')
  await writeFile(bench.path('b.log'), 'nothing known\n')
  const { detector, asked } = detectorOf(['a'])
  const { intake } = await bench.start({ detector })
  await until('both', () => intake.lineChunks.length === 2)
  expect(asked).toHaveLength(2)
  expect(asked).toContainEqual(['a:1', 'a:2'])
  expect(intake.opened.map(({ metadata }) => metadata)).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ preset: 'a', recognised: true }),
      expect.objectContaining({ preset: 'other', recognised: false }),
    ]),
  )
  expect(new Set(presets(intake.lineChunks))).toEqual(new Set(['a', 'other']))
  await appendFile(bench.path('a.log'), '\nb:3\n')
  await until('more', () => intake.lineChunks.length === 3)
  expect(intake.lineChunks[2]!.stream.preset).toBe('a')
})

test('a restart, and a new name, change nothing; another look is taken where the preset is gone', async () => {
  await using bench = await Bench.create()
  const path = bench.path('a.log')
  await writeFile(path, 'a:1\n')
  const first = await bench.start({ detector: detectorOf(['a']).detector })
  await until('one', () => first.intake.lineChunks.length === 1)
  await first.receiver.stop()
  await rename(path, bench.path('a.1.log'))
  await appendFile(bench.path('a.1.log'), 'b:2\n')
  const { detector, asked } = detectorOf(['b', 'a'])
  const second = await bench.start({ intake: first.intake, known: first.intake.known(), detector })
  await until('two', () => first.intake.lineChunks.length === 2)
  expect(asked).toEqual([])
  expect(first.intake.opened).toHaveLength(1)
  await second.receiver.stop()
  await appendFile(bench.path('a.1.log'), 'b:3\n')
  const without = detectorOf(['b'])
  await bench.start({ intake: first.intake, known: first.intake.known(), detector: without.detector })
  await until('three', () => first.intake.lineChunks.length === 3)
  expect(without.asked).toEqual([['a:1', 'b:2', 'b:3']])
  expect(presets(first.intake.lineChunks)).toEqual(['a', 'a', 'b'])
})

test('of a compressed file, and of a container: the lines within', async () => {
  await using bench = await Bench.create()
  const cri = (text: string) => `2026-11-23T07:58:33.123456789Z stdout F ${text}\n`
  await writeFile(bench.path('a.log'), gzipSync(`${cri('a:1')}${cri('')}`))
  await writeFile(bench.path('b.log'), cri('a:2'))
  const { detector, asked } = detectorOf(['a'])
  const { intake } = await bench.start({ detector, framing: { container: 'auto' } })
  await until('both', () => intake.texts().length === 2)
  expect(new Set(asked.flat())).toEqual(new Set(['a:1', 'a:2']))
  expect(presets(intake.lineChunks)).toEqual(['a', 'a'])
})

test('UTF-16 is decoded first; a line that is too long to be looked at whole is given as far as it goes', async () => {
  await using bench = await Bench.create()
  await writeFile(bench.path('a.log'), Buffer.from('\ufeffa:1\na:2\n', 'utf16le'))
  await writeFile(bench.path('b.log'), `a:${'x'.repeat(100_000)}\n`)
  const { detector, asked } = detectorOf(['a'])
  const { intake } = await bench.start({ detector })
  await until('both', () => intake.texts().length === 3)
  expect(
    asked.map((records) => records.map((text) => text.length)).toSorted((a, b) => b.length - a.length),
  ).toEqual([[3, 3], [65_536]])
  expect(new Set(presets(intake.lineChunks))).toEqual(new Set(['a']))
})

test('a file that was truncated and begins again is looked at again', async () => {
  await using bench = await Bench.create()
  const path = bench.path('a.log')
  await writeFile(path, 'a:1\na:2\n')
  const { detector } = detectorOf(['a', 'b'])
  const { intake } = await bench.start({ detector })
  await until('one', () => intake.lineChunks.length === 1)
  await writeFile(path, 'b:1\n')
  await until('two', () => intake.lineChunks.length === 2)
  expect(presets(intake.lineChunks)).toEqual(['a', 'b'])
})
