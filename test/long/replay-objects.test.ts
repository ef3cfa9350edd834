// Replays to s3: in a place of their own, the same objects each time, nothing overwritten, nothing written twice.
import { gunzipSync } from 'node:zlib'
import { expect, test, vi } from 'vitest'
import { AffiantProcess, configure, WorkDirectory } from '../e2e/agent-process.ts'
import { until } from '../e2e/until.ts'
import { type Bucket, openBucket, refuse } from '../sinks/s3/bucket.ts'

vi.setConfig({ testTimeout: 120_000 })

const line = (n: number) => `{"user":"u","event":"invoice.read","n":${n}}\n`
const keysUnder = (bucket: Bucket, prefix: string) =>
  [...bucket.objects.keys()].filter((key) => key.startsWith(`bucket/${prefix}`)).toSorted()
const seqsUnder = (bucket: Bucket, prefix: string): number[] =>
  keysUnder(bucket, prefix)
    .flatMap((key) => gunzipSync(bucket.objects.get(key)!.body).toString().trimEnd().split('\n'))
    .map((text) => JSON.parse(text).log.seq)
    .toSorted((a, b) => a - b)

test.each([
  { format: 'ndjson', extension: '.ndjson.gz' },
  { format: 'parquet', extension: '.parquet' },
])(
  'a range in $format, ended halfway by Ctrl-C and begun again, and once more: one set of objects under replay/',
  async ({ format, extension }) => {
    using directory = new WorkDirectory()
    await using bucket = await openBucket()
    const config = configure(directory, {
      sinks: {
        archive: {
          type: 's3',
          bucket: 'bucket',
          endpoint: bucket.url,
          credentials: { access_key: 'a', secret_key: 's' },
          key: '{agent}/{date}/{range}',
          format,
          batch: { max_events: 10 },
          concurrency: 1,
          retry: { initial: '10ms', max: '50ms' },
        },
      },
    })
    directory.write('app.log', Array.from({ length: 200 }, (_, n) => line(n)).join(''))
    const first = await new AffiantProcess(['run', '--once', '-c', config]).result()
    expect(first.code, first.stderr).toBe(0)
    const before = new Map(bucket.objects)
    expect(before.size).toBeGreaterThanOrEqual(20)

    const args = ['replay', '--sink', 'archive', '--from', '15', '--to', '114', '-c', config]
    let puts = 0
    bucket.answer = async (request, response) => {
      if (request.method === 'PUT' && ++puts > 3) return refuse(response, 503, 'SlowDown')
      await bucket.accept(request, response)
    }
    await using halfway = new AffiantProcess([...args, '--json'])
    await until(
      'that it waits',
      () => /"waiting":"[^"]*SlowDown/.test(halfway.stdout),
      () => halfway.stderr,
    )
    halfway.signal('SIGINT')
    expect(await halfway.result()).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/"settled_seq":45/),
    })
    expect(keysUnder(bucket, 'replay/')).toHaveLength(3)

    bucket.answer = bucket.accept
    const whole = await new AffiantProcess(args).result()
    expect(whole, whole.stderr).toMatchObject({ code: 0, stdout: '100 of 100 events went to sink archive\n' })
    const keys = keysUnder(bucket, 'replay/')
    expect(keys).toHaveLength(10)
    expect(keys[0]).toMatch(/^bucket\/replay\/15-114\/e2e\/\d{4}-\d\d-\d\d\/\d+-0{14}15-0{14}24\./)
    expect(keys.every((key) => key.endsWith(extension))).toBe(true)
    if (format === 'ndjson')
      expect(seqsUnder(bucket, 'replay/')).toEqual(Array.from({ length: 100 }, (_, n) => 15 + n))

    const asked = bucket.requests.length
    expect(await new AffiantProcess(args).result()).toMatchObject({ code: 0 })
    expect(bucket.requests.slice(asked).filter((request) => request.startsWith('PUT'))).toEqual([])
    expect(keysUnder(bucket, 'replay/')).toEqual(keys)
    for (const [key, object] of before) expect(bucket.objects.get(key)).toBe(object)
  },
)
