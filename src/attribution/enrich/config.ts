/** `attribution.enrich`, and `enrich` of a receiver. */
import { z } from 'zod'
import { sizeFrom } from '../../config/values.ts'
import type { EnrichSpec } from './enrichment.ts'
import { memberFit, readableProblem } from './member.ts'
import { tableFormat } from './table.ts'

const text = () => z.string().min(1)

const scopeLevel = z
  .strictObject({ type: text(), id: text().optional(), name: text().optional() })
  .refine(({ id, name }) => id !== undefined || name !== undefined, 'needs an id or a name')
  // In canonical order.
  .transform(({ type, id, name }) => ({
    ...(id === undefined ? {} : { id }),
    ...(name === undefined ? {} : { name }),
    type,
  }))

const scopes = z.array(scopeLevel).min(1)

const staticConfig = z
  .record(z.string(), z.unknown())
  .transform((given, context) => {
    const members = Object.entries(given).map(([member, value]): [string, unknown] => {
      const issue = (message: string, path: (string | number)[] = []) =>
        context.addIssue({ code: 'custom', message, path: [member, ...path] })
      if (member === 'scope') {
        const levels = scopes.safeParse(value)
        for (const { message, path } of levels.error?.issues ?? [])
          issue(message, path as (string | number)[])
        return [member, levels.data]
      }
      const fitting = memberFit(member)
      const fitted = fitting?.(value)
      if (fitting === undefined) issue(unsettable(member))
      else if (fitted === undefined) issue(`${JSON.stringify(value)} is no ${member}`)
      return [member, fitted]
    })
    return Object.fromEntries(members)
  })
  .describe(
    'Values for members that the record does not fill, by their dotted names: `actor.tenant: acme`. `scope` takes levels with `type`, `id`, `name`, which go before those of the record',
  )

const unsettable = (member: string) =>
  `${JSON.stringify(member)} is no member that an enricher may set: write its dotted name, as in actor.email or metadata.team`

/** Of the members that an enricher sets. */
const settableKeys = (set: object, context: z.core.$RefinementCtx): void => {
  for (const member of Object.keys(set)) {
    if (memberFit(member) === undefined)
      context.addIssue({ code: 'custom', message: unsettable(member), path: [member] })
  }
}

const readable = z.string().superRefine((member, context) => {
  const problem = readableProblem(member)
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
})

const lookupConfig = z
  .strictObject({
    file: text().describe('The table: CSV whose first line names the columns, JSON or YAML'),
    format: z
      .enum(['csv', 'json', 'yaml'])
      .optional()
      .describe('What the file is; by default what its name ends in says'),
    key: readable.describe(
      'The member of the event that is looked up: `actor.id`, `source.ip`, `provenance.peer.auth_id`',
    ),
    column: text()
      .optional()
      .describe(
        'The column that holds the key. Default: the first one; in an object of rows, the names of its members',
      ),
    match: z
      .enum(['exact', 'longest_prefix'])
      .default('exact')
      .describe(
        'longest_prefix: the longest key that the text begins with; of `source.ip` and `provenance.peer.ip` the smallest network the address lies in, keys being addresses and networks such as 10.0.0.0/8',
      ),
    ignore_case: z.boolean().default(false).describe('Keys match in any case'),
    set: z
      .record(z.string(), text())
      .refine((set) => Object.keys(set).length > 0, 'needs at least one member')
      .superRefine(settableKeys)
      .describe('Which column fills which member'),
    separator: text().default(';').describe('Between the elements of a list that a column holds as one text'),
    max_size: sizeFrom('1KiB', '1GiB').prefault('64MiB').describe('A larger file is not loaded'),
  })
  .transform(({ format, ...given }, context) => {
    const found = format ?? tableFormat(given.file)
    if (found === undefined) {
      context.addIssue({
        code: 'custom',
        path: ['file'],
        message: 'does not end in .csv, .json, .yaml: say its `format`',
      })
    }
    return { ...given, format: found ?? ('csv' as const) }
  })
  .describe('What a table says of a member. A file that changes is loaded again')

const geoipConfig = z
  .strictObject({
    file: text().describe('A database in MaxMind DB format: City, Country, ASN'),
    key: readable.default('source.ip').describe('The member that holds the address'),
    language: text().default('en').describe('Of names of cities and regions; `en` where a name is not in it'),
    max_size: sizeFrom('1KiB', '2GiB').prefault('512MiB').describe('A larger file is not loaded'),
  })
  .describe(
    'Where an address is, and whose network it lies in: `source.geo`, `source.asn`. A file that changes is loaded again',
  )

const userAgentConfig = z
  .strictObject({
    key: readable.default('source.user_agent').describe('The member that holds the text'),
  })
  .describe('What kind of client the text of a user agent stands for: `metadata.user_agent`')

const kinds = {
  static: staticConfig.optional(),
  lookup: lookupConfig.optional(),
  geoip: geoipConfig.optional(),
  user_agent: userAgentConfig.optional(),
}

const enricher = z
  .strictObject(kinds)
  .meta({ minProperties: 1, maxProperties: 1 })
  .transform((given, context): EnrichSpec => {
    const [only, ...more] = Object.entries(given).filter(([, spec]) => spec !== undefined)
    if (only === undefined || more.length > 0) {
      context.addIssue({
        code: 'custom',
        message: `needs one of ${Object.keys(kinds).join(', ')}, and only one`,
      })
      return { static: {} }
    }
    return Object.fromEntries([only]) as unknown as EnrichSpec
  })

export const enrichConfig = z.array(enricher)
