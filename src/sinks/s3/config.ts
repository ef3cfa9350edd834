/** Options of the `s3` sink. The root adds delivery's. */
import { z } from 'zod'
import { CelError } from '../../cel/error.ts'
import { durationFrom, sizeFrom } from '../../config/values.ts'
import { eventFields } from '../../routing/event-fields.ts'
import { shapeConfig } from '../../shapes/config.ts'
import { allowedValues } from '../transport/allowed.ts'
import { httpUrl, proxyConfig, secret, tlsConfig } from '../transport/config.ts'
import { compileKey, LONGEST_KEY, longestOf } from './key.ts'

export const highestGzip = 9

const keyTemplate = z
  .string()
  .min(1)
  .max(1024)
  .regex(/^[^\p{Cc}]*$/u, 'a key without control characters')
  .refine((text) => !text.startsWith('/'), 'a key without a leading /')
  .refine((text) => !/(?:^|\/)\.\.?(?:\/|$)/.test(text), 'a key without . and .. as parts')
  .refine((text) => !/\{\{|\}\}/.test(text), 'a key without braces, but those of expressions')
  .refine((text) => text.includes('{range}'), 'a key with {range}: without it objects would share a name')
  .refine(
    (text) => longestOf(text.replaceAll(/\{(?!(?:agent|epoch|range)\})[^}]*\}/g, '')) <= LONGEST_KEY,
    `a key that leaves room for its values: a name has at most ${LONGEST_KEY} bytes, an agent's id up to 253`,
  )
  .superRefine((text, context) => {
    try {
      compileKey(text, eventFields())
    } catch (error) {
      if (!(error instanceof CelError)) throw error
      const hint = error.hint === undefined ? '' : ` (${error.hint})`
      context.addIssue({ code: 'custom', message: error.message + hint })
    }
  })

const credentials = z
  .strictObject({
    access_key: secret().describe('Access key id'),
    secret_key: secret().describe('Secret access key'),
    session_token: secret().optional().describe('Of temporary credentials'),
  })
  .optional()
  .describe(
    "Default: the SDK's chain: environment, shared files, web identity, container and instance metadata",
  )

const objectLock = z
  .strictObject({
    mode: z.enum(['governance', 'compliance']).optional().describe('Who may shorten it: some, or nobody'),
    retain: durationFrom('1d', '36500d')
      .optional()
      .describe('How long an object is kept, from when its batch was fixed'),
    legal_hold: z.boolean().default(false).describe('Kept until the hold is lifted'),
  })
  .refine(
    ({ mode, retain }) => (mode === undefined) === (retain === undefined),
    'mode and retain, or neither',
  )
  .refine(({ mode, legal_hold }) => mode !== undefined || legal_hold, 'mode and retain, or legal_hold')
  .optional()
  .describe('Object Lock; the bucket must have it')

const tagText = (most: number) =>
  z
    .string()
    .max(most)
    .regex(/^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u, 'text of a tag')

export const s3SinkConfig = z
  .strictObject({
    type: z.literal('s3').describe('Objects in a bucket, one a batch'),
    bucket: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]$/, 'the name of a bucket')
      .describe('Where objects go'),
    key: keyTemplate
      .prefault('{agent}/{date}/{hour}/{range}')
      .describe(
        'Name of an object, without its extension: text with CEL in braces, over the members of the event and date, year, month, day, hour of its time (UTC). `{agent}`, `{epoch}` and `{range}` stand alone in braces, `{range}` must be there',
      ),
    overrides: z
      .strictObject({
        key_prefix: allowedValues().optional(),
      })
      .prefault({})
      .describe('What routes may change for their events'),
    region: z
      .string()
      .regex(/^[A-Za-z0-9-]+$/, 'the name of a region')
      .optional()
      .describe('Default: as the SDK finds it (AWS_REGION, profile); with `endpoint` us-east-1'),
    endpoint: httpUrl().optional().describe('Of an S3 server that is not Amazon’s'),
    path_style: z
      .boolean()
      .optional()
      .describe('The bucket is part of the path, not of the host name. Default: true with `endpoint`'),
    credentials,
    profile: z.string().min(1).optional().describe('Profile of the shared files, for the default chain'),
    format: z
      .enum(['ndjson', 'parquet'])
      .default('ndjson')
      .describe('ndjson: one event a line; parquet: one event a row, with columns for queries'),
    shape: shapeConfig(),
    compression: z
      .enum(['none', 'gzip', 'zstd'])
      .default('gzip')
      .describe('Of the whole object; with parquet, of the pages inside it'),
    compression_level: z
      .int()
      .min(1)
      .max(19)
      .default(6)
      .describe('1 is fastest; the smallest is 9 with gzip, 19 with zstd'),
    checksum: z
      .enum(['crc32c', 'sha256'])
      .default('crc32c')
      .describe('Checked by the server when it takes an object'),
    conditional: z
      .boolean()
      .default(true)
      .describe(
        'The server is told not to overwrite (If-None-Match). false: it cannot, and that the sink looks first is all',
      ),
    encryption: z
      .strictObject({
        type: z.enum(['s3', 'kms']).describe('s3: keys of the store (SSE-S3); kms: keys of a KMS (SSE-KMS)'),
        key_id: z.string().min(1).optional().describe("Of the KMS key; default: the account's"),
      })
      .refine(({ type, key_id }) => type === 'kms' || key_id === undefined, 'key_id goes with type: kms')
      .optional()
      .describe('Encryption by the server; default: what the bucket says'),
    storage_class: z
      .enum([
        'STANDARD',
        'REDUCED_REDUNDANCY',
        'STANDARD_IA',
        'ONEZONE_IA',
        'INTELLIGENT_TIERING',
        'GLACIER',
        'DEEP_ARCHIVE',
        'GLACIER_IR',
        'OUTPOSTS',
        'EXPRESS_ONEZONE',
      ])
      .optional()
      .describe('Default: what the bucket says'),
    tags: z
      .record(tagText(128).min(1), tagText(256))
      .refine((tags) => Object.keys(tags).length <= 10, 'at most 10 tags')
      .default({})
      .describe('Tags of each object'),
    acl: z
      .enum([
        'private',
        'authenticated-read',
        'aws-exec-read',
        'bucket-owner-read',
        'bucket-owner-full-control',
      ])
      .optional()
      .describe('Canned ACL of each object'),
    object_lock: objectLock,
    multipart: z
      .strictObject({
        threshold: sizeFrom('5MiB', '1GiB').prefault('64MiB').describe('Larger objects go in parts'),
        part_size: sizeFrom('5MiB', '1GiB').prefault('16MiB').describe('Of each part but the last'),
      })
      .prefault({})
      .describe('Large objects'),
    timeout: durationFrom('10ms', '1h')
      .prefault('60s')
      .describe('Limit of one request, from connecting to the end of the answer'),
    tls: tlsConfig(),
    proxy: proxyConfig(),
  })
  .refine(({ compression, compression_level: level }) => compression !== 'gzip' || level <= highestGzip, {
    path: ['compression_level'],
    error: `gzip has levels from 1 to ${highestGzip}`,
  })
  .refine(({ format, shape }) => format !== 'parquet' || shape === 'affiant', {
    path: ['shape'],
    error: 'the columns of parquet are those of audit-event/1',
  })
  .refine(({ credentials: given, profile }) => given === undefined || profile === undefined, {
    path: ['profile'],
    error: 'either credentials or profile',
  })

export type S3SinkConfig = z.output<typeof s3SinkConfig>
