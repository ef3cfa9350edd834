/** `attribution:` and `redact:` in the configuration. */
import { z } from 'zod'
import { categories } from '../event/vocabulary.ts'
import { requirementProblem } from './completeness.ts'

const member = z.string().superRefine((name, context) => {
  const problem = requirementProblem(name)
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
})

const members = z.array(member)

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
    on_missing: z
      .enum(['accept', 'tag'])
      .default('tag')
      .describe(
        'tag: an event that lacks something says so in `attribution.missing`, and is counted; accept: nothing is required',
      ),
  })
  .transform(({ require, on_missing }) => ({ require: on_missing === 'accept' ? {} : require }))
  .prefault({})
  .describe('What every event has to answer')

export const redactConfig = z
  .array(
    z.strictObject({
      key: z
        .union([
          z
            .string()
            .min(1)
            .transform((one) => [one]),
          z.array(z.string().min(1)).min(1),
        ])
        .describe('Names of fields, at any depth, in any case'),
      method: z
        .enum(['drop', 'mask'])
        .default('drop')
        .describe('drop: the field is left out; mask: `***` stands in its place'),
    }),
  )
  .default([])
  .describe('Fields that never reach an event; each one taken out is noted in `redactions`')
