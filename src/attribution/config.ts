/** `attribution:` and `hash_keys:` in the configuration. */
import { z } from 'zod'
import { categories } from '../event/vocabulary.ts'
import { requirementProblem } from './completeness.ts'
import { enrichConfig } from './enrich/config.ts'

const member = z.string().superRefine((name, context) => {
  const problem = requirementProblem(name)
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
})

const members = z.array(member)

/** What becomes of events that lack an answer. */
const onMissing = z.enum(['accept', 'tag', 'dead_letter'])

/** `on_missing` of a receiver. */
export const receiverOnMissing = onMissing
  .optional()
  .describe('What becomes of its events that lack something, in place of `attribution.on_missing`')

/** Of a receiver whose clients wait for an answer. */
export const answeringOnMissing = z
  .enum([...onMissing.options, 'reject'])
  .optional()
  .describe(
    'What becomes of its events that lack something, in place of `attribution.on_missing`. reject: they are not taken in, and the answer names them',
  )

/** What an event must say, unless its category asks for something else. */
const defaultMembers = ['actor.id', 'action', 'targets', 'outcome.result']
/** Signing in has no target but oneself. */
const authenticationMembers = ['actor.id', 'action', 'outcome.result']

export const attributionConfig = z
  .strictObject({
    require: z
      .partialRecord(z.enum(['default', ...categories]), members)
      .default({})
      .transform(
        (given): Record<string, string[]> => ({
          default: defaultMembers,
          authentication: authenticationMembers,
          ...given,
        }),
      )
      .describe(
        'Members an event must have, by category; `default` is for categories without an entry. What is absent is listed in `attribution.missing`. Default: default: [actor.id, action, targets, outcome.result], authentication: [actor.id, action, outcome.result]',
      ),
    on_missing: onMissing
      .default('tag')
      .describe(
        'What becomes of events that lack something, unless their receiver says otherwise. tag: they say so in `attribution.missing`, and are counted; dead_letter: also, sinks keep them as dead letters instead of sending them; accept: nothing is required',
      ),
    enrich: enrichConfig
      .default([])
      .describe(
        'Who else knows something about events, of every receiver; in order, after those of the receiver',
      ),
  })
  .prefault({})
  .describe('What every event has to answer')

const keyWords = 'a key of 32 bytes, as 64 hex digits or in base64 (`openssl rand -hex 32` makes one)'
const keyPattern = /^(?:[0-9A-Fa-f]{64}|[A-Za-z0-9+/]{43}=)$/

export const hashKeysConfig = z
  .array(
    z.strictObject({
      id: z
        .string()
        .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,31}$/, 'a name of letters, digits, _ . - (32 at most)')
        .describe('Stands in every hash that is made with the key'),
      secret: z
        .string()
        .regex(keyPattern, keyWords)
        .transform((text) => Buffer.from(text, text.length === 64 ? 'hex' : 'base64').toString('hex'))
        .describe('32 bytes, as 64 hex digits or in base64; best as `${file:…}`'),
    }),
  )
  .superRefine((keys, context) => {
    for (const [index, { id }] of keys.entries()) {
      if (keys.findIndex((key) => key.id === id) === index) continue
      context.addIssue({ code: 'custom', path: [index, 'id'], message: `another key has the id ${id}` })
    }
  })
  .default([])
  .describe(
    'Keys of the keyed hashes that stand in place of values: the first hashes. Agents with the same keys give the same value the same hash. Default: a random key, made at the first start and kept in `data_dir/hash.key`',
  )
