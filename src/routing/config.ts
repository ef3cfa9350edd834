/** `routes:` in the configuration. */
import { z } from 'zod'
import { name } from '../config/values.ts'
import { lazily } from '../lazily.ts'
import type { RouteSpec } from './route.ts'

const names = () =>
  z.union([name().transform((one) => [one]), z.array(name()).min(1)], 'a name, or a list of names')

const template = () => z.string().min(1)
const optionName = z.string().regex(/^[a-z_]+$/, 'an option of the sink')
const headerName = z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'a header name')

type Written = Readonly<Record<string, Readonly<Record<string, string | Readonly<Record<string, string>>>>>>

/** `headers: { X-Team: … }` becomes `headers.x-team`. */
function flatten(written: Written): Record<string, Record<string, string>> {
  const entriesOf = ([option, value]: readonly [string, string | Readonly<Record<string, string>>]) =>
    typeof value === 'string'
      ? [[option, value]]
      : Object.entries(value).map(([key, text]) => [`${option}.${key.toLowerCase()}`, text])
  return Object.fromEntries(
    Object.entries(written).map(([sink, options]) => [
      sink,
      Object.fromEntries(Object.entries(options).flatMap(entriesOf)),
    ]),
  )
}

const route = lazily(() =>
  z
    .strictObject({
      name: name().exactOptional().describe('For metrics and logs; route-<n> by default, counted from 1'),
      from: names().exactOptional().describe('Receivers whose events it takes; all of them by default'),
      when: z
        .string()
        .min(1)
        .exactOptional()
        .describe('CEL over the event, as in category == "authentication"; every event by default'),
      to: names().exactOptional().describe('Sinks that get the event'),
      override: z
        .record(name(), z.record(optionName, z.union([template(), z.record(headerName, template())])))
        .transform(flatten)
        .exactOptional()
        .describe(
          'What it sets for its sinks: sink → option → template over the event, as in { siem: { index: "team_{actor.id}" } }; the sink must allow it',
        ),
      drop: z
        .string()
        .trim()
        .min(1, 'a reason: it is what the count of dropped events is explained with')
        .exactOptional()
        .describe('Instead of `to`: the event is not kept at all, for this reason'),
      continue: z
        .boolean()
        .default(false)
        .describe('true: later routes are tried as well; otherwise the first match ends the search'),
    })
    .superRefine((given, context) => {
      if (given.to === undefined && given.drop === undefined) {
        context.addIssue('leads nowhere: name sinks in `to`, or give a reason in `drop`')
      }
      if (given.to !== undefined && given.drop !== undefined) {
        context.addIssue({
          code: 'custom',
          path: ['drop'],
          message: 'cannot stand beside `to`: an event is delivered or dropped',
        })
      }
      for (const sink of Object.keys(given.override ?? {})) {
        if (given.to?.includes(sink)) continue
        const path = ['override', sink]
        context.addIssue({ code: 'custom', path, message: `this route does not lead to sink ${sink}` })
      }
      if (given.drop !== undefined && given.continue) {
        context.addIssue({ code: 'custom', path: ['continue'], message: 'what is dropped does not continue' })
      }
    }),
)

/** The ordered list of routes; its output is what deciders are compiled from. */
export const routesConfig = z
  .array(z.lazy(route))
  .max(1024)
  .transform((routes): RouteSpec[] =>
    routes.map(({ name: given, to = [], ...rest }, index) => ({
      name: given ?? `route-${index + 1}`,
      to,
      ...rest,
    })),
  )
  .describe(
    'Which events go to which sinks: in order, the first match ends the search unless it says continue',
  )
