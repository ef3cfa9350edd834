/** `redact:` in the configuration, of the agent and of a receiver. */
import { z } from 'zod'
import { compilePattern } from '../../cel/pattern.ts'
import { asError } from '../../errors.ts'
import { lazily } from '../../lazily.ts'
import { parsePlace } from './path.ts'
import { builtIn } from './patterns.ts'
import { placeProblem } from './place-problem.ts'
import type { RedactRule } from './rule.ts'

const oneOrMore = <T extends z.ZodType<string>>(one: T) =>
  z.union([one.transform((value): string[] => [value]), z.array(one).min(1)])

const place = lazily(() =>
  z
    .string()
    .min(1)
    .superRefine((text, context) => {
      const parsed = parsePlace(text)
      const problem = 'problem' in parsed ? parsed.problem : placeProblem(parsed.steps)
      if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
    }),
)

const pattern = lazily(() =>
  z
    .string()
    .min(1)
    .superRefine((source, context) => {
      try {
        compilePattern(source)
      } catch (thrown) {
        const message = `${asError(thrown).message}; patterns are RE2: no look-around, no back-references`
        context.addIssue({ code: 'custom', message })
      }
    }),
)

const rule = lazily(() =>
  z
    .strictObject({
      key: oneOrMore(z.string().min(1)).optional().describe('Names of fields, at any depth, in any case'),
      path: oneOrMore(place())
        .optional()
        .describe('Members of the event: `actor.email`, `targets[*].attributes.ssn`, `unmapped.**.card`'),
      pattern: oneOrMore(z.enum(Object.keys(builtIn)))
        .optional()
        .describe(
          `Parts of texts, numbers and names that are such a thing, everywhere or below the given places: ${Object.keys(builtIn).join(', ')}`,
        ),
      match: oneOrMore(pattern()).optional().describe('The same with a pattern of your own, in RE2 syntax'),
      when: z
        .string()
        .min(1)
        .optional()
        .describe('CEL over the event as it was mapped: the rule holds for events for which this is true'),
      mode: z
        .literal('allow')
        .optional()
        .describe(
          'The other way round: what no such rule names in `key` or `path` is taken out; what the schema requires stays',
        ),
      method: z
        .enum(['drop', 'mask', 'hash', 'truncate'])
        .optional()
        .describe(
          'drop: left out; mask: `***` stands in its place; hash: its keyed hash does (see `hash_keys`); truncate: its first characters stay. Default: drop; for parts of texts mask',
        ),
      length: z.int().min(1).max(65_536).optional().describe('Of truncate: characters that stay'),
      name: z
        .string()
        .min(1)
        .max(128)
        .optional()
        .describe('What `redactions` calls the rule. Default: what it looks for'),
    })
    .superRefine((given, context) => {
      const wrong = ruleProblem(given)
      if (wrong !== undefined) context.addIssue({ code: 'custom', ...wrong })
    })
    .transform(({ method, ...given }): RedactRule => {
      const partial = given.pattern !== undefined || given.match !== undefined
      return JSON.parse(
        JSON.stringify({ ...given, method: method ?? (partial ? 'mask' : 'drop') }),
      ) as RedactRule
    }),
)

type Given = Omit<{ [K in keyof RedactRule]?: RedactRule[K] | undefined }, 'mode'> & {
  mode?: 'allow' | undefined
}

/** What is wrong with a rule as a whole. */
function ruleProblem({
  key,
  path,
  pattern: named,
  match,
  mode,
  method,
  length,
}: Given): { path: string[]; message: string } | undefined {
  const partial = named !== undefined || match !== undefined
  const placed = key !== undefined || path !== undefined
  if (mode === 'allow') {
    if (partial) return { path: ['mode'], message: 'allow names places: key or path, and no pattern' }
    if (!placed) return { path: ['mode'], message: 'allow needs what may stay: key or path' }
    if (method === 'truncate') return { path: ['method'], message: 'not with mode: allow' }
    return undefined
  }
  if (!partial && !placed) return { path: [], message: 'says not what: needs key, path, pattern or match' }
  if (method === 'truncate') {
    if (partial)
      return { path: ['method'], message: 'truncate takes whole values: key or path, and no pattern' }
    if (length === undefined) return { path: ['method'], message: 'truncate needs a length' }
  } else if (length !== undefined) return { path: ['length'], message: 'only with method: truncate' }
  return undefined
}

export const redactConfig = z
  .array(z.lazy(rule))
  .default([])
  .describe(
    'What never reaches an event, nor any file; each one taken out is noted in `redactions`. The first rule that names a value decides; patterns are looked for in what is left. See redaction.md',
  )
