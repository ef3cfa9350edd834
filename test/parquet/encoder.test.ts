import type { Worker } from 'node:worker_threads'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createParquetEncoder, type ParquetEncoder } from '../../src/parquet/encoder.ts'
import { writeParquet } from '../../src/parquet/write.ts'
import { fullEvent, leastEvent } from '../event/sample-events.ts'
import { jobOf, lineOf } from './jobs.ts'

function open(): ParquetEncoder {
  const encoder = createParquetEncoder()
  onTestFinished(() => encoder.close())
  return encoder
}

const jobs = [1, 30, 700].map((count) =>
  jobOf(Array.from({ length: count }, (_, seq) => lineOf(seq % 3 === 0 ? leastEvent : fullEvent, seq))),
)

describe('a thread', () => {
  test('makes the files that would be made here, for all who ask at once', async () => {
    const encoder = open()
    const files = await Promise.all(jobs.map((job) => encoder.encode(job)))
    expect(files.map((file, index) => file.equals(writeParquet(jobs[index]!)))).toEqual([true, true, true])
  })

  test('takes nothing from the lines that it was given, which are part of a larger buffer', async () => {
    const encoder = open()
    const job = jobOf([lineOf(fullEvent)])
    const around = Buffer.concat([Buffer.from('before\n'), job.lines, Buffer.from('after\n')])
    const lines = around.subarray(7, 7 + job.lines.length)
    const copy = Buffer.from(lines)
    expect((await encoder.encode({ ...job, lines })).equals(writeParquet(job))).toBe(true)
    expect(copy.equals(lines)).toBe(true)
  })

  test('that fails says why, and goes on', async () => {
    const encoder = open()
    const job = jobs[0]!
    await expect(encoder.encode({ ...job, compression: 'gzip', level: 77 })).rejects.toThrow(
      /^the thread.*77/,
    )
    expect((await encoder.encode(job)).equals(writeParquet(job))).toBe(true)
  })

  test('that dies over a file has a successor', async () => {
    const started: Worker[] = []
    const noticed = (worker: Worker) => void started.push(worker)
    process.on('worker', noticed)
    onTestFinished(() => void process.off('worker', noticed))
    const encoder = open()
    const dying = encoder.encode(jobs[2]!)
    const next = encoder.encode(jobs[1]!)
    await expect.poll(() => started.length).toBe(1)
    await Promise.all([
      expect(dying).rejects.toThrow('the thread that writes Parquet ended'),
      started[0]?.terminate(),
    ])
    expect((await next).equals(writeParquet(jobs[1]!))).toBe(true)
    expect(started).toHaveLength(2)
  })

  test('is ended with what it is doing', async () => {
    const encoder = open()
    const files = Promise.allSettled(jobs.map((job) => encoder.encode(job)))
    await encoder.close()
    expect((await files).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
    await expect(encoder.encode(jobs[0]!)).rejects.toThrow('closed')
  })
})
