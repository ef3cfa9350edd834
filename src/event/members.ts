/**
 * The objects inside an `audit-event/1`. Each lists its members in canonical (UTF-16) order: an object built in
 * that order is canonical under plain `JSON.stringify`. Objects are closed; only what is called free-form takes
 * any member. A missing value is absent, never null or empty. Made when asked for: most agents never ask.
 */
import { z } from 'zod'
import { lazily } from '../lazily.ts'
import {
  actorTypes,
  mechanisms,
  outcomeResults,
  parseResults,
  rawEncodings,
  redactionMethods,
} from './vocabulary.ts'

const text = () => z.string().min(1)
const texts = () => z.array(text()).min(1)
const count = () => z.int().min(0)

/** Whatever the source had, at any depth; nulls and empty strings too. */
export const freeForm = (description: string) => z.record(z.string(), z.unknown()).describe(description)

export const uuid = () => z.string().regex(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)

const sha256 = () => z.string().regex(/^[0-9a-f]{64}$/)

/** RFC 3339 UTC with exactly nine fractional digits: sorts as a string. */
export const time = () =>
  z
    .string()
    .regex(/^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{9}Z$/)

export const actor = lazily(() =>
  z
    .strictObject({
      alt_ids: texts().exactOptional().describe('Other identifiers of the same principal'),
      email: text().exactOptional(),
      groups: texts().exactOptional(),
      id: text().exactOptional(),
      name: text().exactOptional(),
      roles: texts().exactOptional(),
      tenant: text().exactOptional(),
      type: z.enum(actorTypes),
    })
    .describe('The originating principal: who it began with, before any delegation'),
)

export const attribution = lazily(() =>
  z
    .strictObject({
      complete: z.boolean(),
      conflicts: texts()
        .exactOptional()
        .describe("Members that an enricher would have filled otherwise: the producer's value stands"),
      enriched: texts()
        .exactOptional()
        .describe('Members that enrichers filled, since the record did not; `scope.<type>` is one level'),
      missing: texts().exactOptional().describe('Paths of the required members that are absent'),
    })
    .describe('Whether the event answers what its category requires'),
)

export const change = lazily(() =>
  z.strictObject({
    new: z.unknown().optional().describe('Free-form; absent when it was removed'),
    old: z.unknown().optional().describe('Free-form; absent when there was none'),
    path: text().exactOptional(),
    target: text().exactOptional().describe('The id of the target it happened to, where there are several'),
  }),
)

export const credential = lazily(() =>
  z
    .strictObject({
      id: text().exactOptional().describe('A key id, accessor, fingerprint or keyed hash; never the secret'),
      issuer: text().exactOptional(),
      mfa: z.boolean().exactOptional(),
      scopes: texts().exactOptional(),
      type: text().exactOptional(),
    })
    .describe('What the caller proved itself with'),
)

export const delegate = lazily(() =>
  z
    .strictObject({
      credential_id: text().exactOptional(),
      id: text().exactOptional(),
      mechanism: z.enum(mechanisms),
      name: text().exactOptional(),
      session_id: text().exactOptional(),
      tenant: text().exactOptional(),
      type: z.enum(actorTypes),
    })
    .describe('One hop after the actor; the last one is the effective principal'),
)

export const integrity = lazily(() =>
  z
    .strictObject({
      algorithm: text().exactOptional(),
      canonicalization: text().exactOptional(),
      certificate: text().exactOptional(),
      sequence: z
        .strictObject({
          end: z.boolean().exactOptional(),
          number: z.union([count(), text()]).exactOptional().describe('A string beyond 2^53-1'),
          previous_hash: text().exactOptional(),
          previous_record_id: text().exactOptional(),
          stream_id: text().exactOptional(),
        })
        .exactOptional(),
      signer: text().exactOptional(),
      value: text().exactOptional(),
      verified: z.boolean().exactOptional().describe('Absent when no key was there to check it with'),
    })
    .describe("The producer's own proof, kept as it came"),
)

export const outcome = lazily(() =>
  z.strictObject({
    code: text().exactOptional().describe('The native status, as text'),
    reason: text().exactOptional(),
    result: z.enum(outcomeResults),
  }),
)

export const producer = lazily(() =>
  z
    .strictObject({
      host: text().exactOptional(),
      product: text(),
      region: text().exactOptional(),
      service: text().exactOptional(),
      vendor: text().exactOptional(),
      version: text().exactOptional(),
    })
    .describe('The system that made the record'),
)

export const provenance = lazily(() =>
  z
    .strictObject({
      agent: text().describe('agent.id of the collector that read it'),
      index: count()
        .exactOptional()
        .describe('Place among the records of the stream, or of one line that holds several'),
      length: count().exactOptional().describe('Bytes of the record, without its line end'),
      offset: count().exactOptional().describe('Byte offset of the record in the stream'),
      peer: z
        .strictObject({ auth_id: text().exactOptional(), ip: text().exactOptional() })
        .exactOptional()
        .describe('Who delivered it'),
      preset: text()
        .exactOptional()
        .describe('The preset that its records were found to be of, where the configuration says `auto`'),
      receiver: text().describe("The receiver's name in the configuration"),
      stream: z
        .string()
        .regex(/^[0-9a-f]{32}$/)
        .describe('The stream; what is constant for it is said by its affiant.stream.opened event'),
    })
    .meta({
      description: 'Which bytes, from whom',
      anyOf: [{ required: ['offset', 'length'] }, { required: ['index'] }],
      dependentRequired: { offset: ['length'], length: ['offset'] },
    }),
)

export const quality = lazily(() =>
  z.strictObject({
    parse: z.enum(parseResults),
    warnings: texts().exactOptional(),
  }),
)

export const raw = lazily(() =>
  z
    .strictObject({
      encoding: z.enum(rawEncodings).describe('How raw_data is written'),
      sha256: sha256().describe("Of the record's bytes, whole"),
      size: count().describe('Bytes of the record, whole'),
      truncated: z.boolean().exactOptional().describe('true when raw_data is only its head'),
    })
    .describe('The record as it came'),
)

export const redaction = lazily(() =>
  z.strictObject({
    count: z
      .int()
      .min(2)
      .exactOptional()
      .describe('How many values this stands for, where they are too many to be listed: then path is **'),
    method: z.enum(redactionMethods),
    path: text(),
    rule: text().exactOptional(),
  }),
)

export const request = lazily(() =>
  z.strictObject({
    correlation_id: text().exactOptional(),
    id: text().exactOptional(),
    method: text().exactOptional(),
    path: text().exactOptional(),
    span_id: text().exactOptional(),
    trace_id: text().exactOptional(),
  }),
)

export const scopeLevel = lazily(() =>
  z.strictObject({
    id: text().exactOptional(),
    name: text().exactOptional(),
    type: text().exactOptional(),
  }),
)

export const session = lazily(() =>
  z.strictObject({
    created_time: time().exactOptional(),
    id: text().exactOptional(),
    issuer: text().exactOptional(),
    root_id: text().exactOptional().describe('The first session of the chain, where sessions beget sessions'),
  }),
)

export const source = lazily(() =>
  z
    .strictObject({
      application: text().exactOptional(),
      asn: count().exactOptional(),
      device_id: text().exactOptional(),
      geo: z
        .strictObject({
          city: text().exactOptional(),
          continent: text().exactOptional(),
          country: text().exactOptional(),
          latitude: z.number().exactOptional(),
          longitude: z.number().exactOptional(),
          postal_code: text().exactOptional(),
          region: text().exactOptional(),
        })
        .exactOptional(),
      hostname: text().exactOptional(),
      ip: text().exactOptional().describe('An address of IPv4 or IPv6, unless a redaction took it out'),
      ip_chain: texts().exactOptional().describe('Addresses that proxies passed on, the client first'),
      port: z.int().min(0).max(65_535).exactOptional(),
      user_agent: text().exactOptional(),
    })
    .describe('Where the call came from'),
)

export const target = lazily(() =>
  z.strictObject({
    attributes: freeForm('Free-form: what else the source says of it').exactOptional(),
    id: text().exactOptional(),
    name: text().exactOptional(),
    scope: z.array(scopeLevel()).min(1).exactOptional(),
    type: text().exactOptional(),
  }),
)

export const log = lazily(() =>
  z
    .strictObject({
      origin: text().describe('affiant/<agent id>/<epoch>'),
      seq: count().describe('Position in that log, dense from 0'),
      size: count().describe('Bytes of the canonical event'),
    })
    .describe('Added on the way out of the journal, always the last member'),
)
