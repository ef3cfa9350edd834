/** Faults at random before a Ceph object store, over restarts of the agent: every event once, in one object. */
import { gunzipSync } from 'node:zlib'
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { expect, test } from 'vitest'
import { keepResult } from '../crash/results.ts'
import { faultyTrial } from '../faults/trial.ts'
import { full, seed } from '../seed.ts'
import { startCeph } from './ceph.ts'
import { peerScript } from './peers.ts'

const script = peerScript('ceph-rgw.sh')
const milliseconds = full ? 600_000 : 20_000

test.skipIf(script === undefined)(
  `after faults for ${milliseconds / 1000} s the store has what the journal has, each event once (seed ${seed})`,
  { timeout: milliseconds + 600_000 },
  async () => {
    await using ceph = await startCeph(script ?? '')
    const { endpoint, accessKey, secretKey } = ceph
    const client = new S3Client({
      endpoint,
      region: 'us-east-1',
      forcePathStyle: true,
      credentials: { accessKeyId: accessKey, secretAccessKey: secretKey },
    })
    const Bucket = 'faults'
    await client.send(new CreateBucketCommand({ Bucket }))
    await client.send(
      new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }),
    )

    /** Of each version, by key. */
    const etags = new Map<string, string[]>()

    async function linesIn(Key: string | undefined, VersionId: string | undefined): Promise<string[]> {
      const { Body } = await client.send(new GetObjectCommand({ Bucket, Key, VersionId }))
      const bytes = gunzipSync(await Body!.transformToByteArray())
      return bytes.toString().split('\n').slice(0, -1)
    }

    /** Of every object: a second one with the same range would have them again. */
    async function lines(): Promise<string[]> {
      const found: string[] = []
      let KeyMarker: string | undefined
      let VersionIdMarker: string | undefined
      do {
        const page = await client.send(new ListObjectVersionsCommand({ Bucket, KeyMarker, VersionIdMarker }))
        const versions = page.Versions ?? []
        const latest = versions.filter(({ IsLatest }) => IsLatest === true)
        for (const { Key = '', ETag = '' } of versions) etags.set(Key, [...(etags.get(Key) ?? []), ETag])
        for (let at = 0; at < latest.length; at += 16) {
          const objects = latest.slice(at, at + 16).map(({ Key, VersionId }) => linesIn(Key, VersionId))
          found.push(...(await Promise.all(objects)).flat())
        }
        KeyMarker = page.NextKeyMarker
        VersionIdMarker = page.NextVersionIdMarker
      } while (KeyMarker !== undefined)
      return found
    }

    const result = await faultyTrial({
      destination: {
        port: () => Number(new URL(endpoint).port),
        sink: (port) => `type: s3
bucket: ${Bucket}
region: us-east-1
endpoint: http://127.0.0.1:${port}
path_style: true
credentials: { access_key: ${accessKey}, secret_key: ${secretKey} }
key: '{agent}/{date}/{hour}/{range}'
timeout: 2s
batch: { max_bytes: 256KiB, timeout: 300ms, linger: 300ms }
retry: { initial: 50ms, max: 500ms }`,
        lines,
      },
      milliseconds,
      restarts: 3,
      seed,
    })
    client.destroy()
    const { faults, ...figures } = result
    // This Ceph knows no condition in buckets with versions: while it is busy with a request that was given up, looking
    // finds nothing, and the same bytes are written once more, as a version that nobody sees.
    const rewritten = [...etags.values()].filter(({ length }) => length > 1)
    keepResult('s3-faults', { full, seed, milliseconds, ...figures, rewritten: rewritten.length })
    for (const each of rewritten) expect(new Set(each).size).toBe(1)
    expect(rewritten.length).toBeLessThanOrEqual(result.lostAnswers)
    expect(result).toMatchObject({ missing: 0, foreign: 0, duplicates: 0, agentRestarts: 3 })
    expect(Object.keys(faults).length).toBeGreaterThan(4)
  },
)
