/** Faults at random before a Ceph object store, over restarts of the agent: every event once, none twice. */
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
  { timeout: milliseconds + 240_000 },
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

    /** Of each key. */
    const versionsOf = new Map<string, number>()

    async function linesIn(Key: string | undefined, VersionId: string | undefined): Promise<string[]> {
      const { Body } = await client.send(new GetObjectCommand({ Bucket, Key, VersionId }))
      const bytes = gunzipSync(await Body!.transformToByteArray())
      return bytes.toString().split('\n').slice(0, -1)
    }

    /** Every version of every object: a second one of a key would be a second copy. */
    async function lines(): Promise<string[]> {
      const found: string[] = []
      let KeyMarker: string | undefined
      let VersionIdMarker: string | undefined
      do {
        const page = await client.send(new ListObjectVersionsCommand({ Bucket, KeyMarker, VersionIdMarker }))
        const versions = page.Versions ?? []
        for (const { Key = '' } of versions) versionsOf.set(Key, (versionsOf.get(Key) ?? 0) + 1)
        for (let at = 0; at < versions.length; at += 16) {
          const objects = versions.slice(at, at + 16).map(({ Key, VersionId }) => linesIn(Key, VersionId))
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
    // This Ceph knows no condition in buckets with versions: that the sink looks, and leaves a name alone for a while after a
    // request that was given up, is all that keeps the same bytes from being written once more.
    const rewritten = [...versionsOf].filter(([, versions]) => versions > 1)
    keepResult('s3-faults', { full, seed, milliseconds, ...figures, rewritten: rewritten.length })
    expect(rewritten).toEqual([])
    expect(result).toMatchObject({ missing: 0, foreign: 0, duplicates: 0, agentRestarts: 3 })
    expect(Object.keys(faults).length).toBeGreaterThan(4)
  },
)
