/** The files that enrichers of a configuration read, tried: what is wrong with each, where it is named. */
import { enrichConfig } from '../attribution/enrich/config.ts'
import { compileEnrichment, type EnrichSpec } from '../attribution/enrich/enrichment.ts'
import { WatchedFiles } from '../attribution/enrich/watched-file.ts'
import type { Finding, Path } from '../config/problem.ts'
import { AffiantError } from '../errors.ts'

/** Of a configuration as it was written: entries that are wrong themselves are left out. What comes from a URL is not asked for. */
export function checkEnricherFiles(input: unknown): Finding[] {
  const files = new WatchedFiles()
  return enrichersOf(input).flatMap(({ spec, path }) => findingsOf(spec, path, files))
}

interface WrittenEnricher {
  readonly path: Path
  readonly spec: EnrichSpec
  /** Undefined for those of every receiver. */
  readonly receiver: string | undefined
}

/** Those of a configuration as it was written that are right themselves. */
export function enrichersOf(input: unknown): WrittenEnricher[] {
  const receivers = entriesOf(memberOf(input, 'receivers'))
  const lists: { path: Path; written: unknown; receiver: string | undefined }[] = [
    {
      path: ['attribution', 'enrich'],
      written: memberOf(memberOf(input, 'attribution'), 'enrich'),
      receiver: undefined,
    },
    ...receivers.map(([name, receiver]) => ({
      path: ['receivers', name, 'enrich'],
      written: memberOf(receiver, 'enrich'),
      receiver: name,
    })),
  ]
  return lists.flatMap(({ path, written, receiver }) =>
    (Array.isArray(written) ? written : []).flatMap((entry: unknown, i) => {
      const [spec] = enrichConfig.safeParse([entry]).data ?? []
      return spec === undefined ? [] : [{ path: [...path, i], spec, receiver }]
    }),
  )
}

function findingsOf(spec: EnrichSpec, path: Path, files: WatchedFiles): Finding[] {
  try {
    compileEnrichment([spec], files)
    return []
  } catch (thrown) {
    if (!(thrown instanceof AffiantError)) throw thrown
    const { message } = thrown
    return [{ severity: 'error', path: [...path, ...whereNamed(spec, message)], at: 'value', message }]
  }
}

/** The member that names the file that the message begins with. */
function whereNamed(spec: EnrichSpec, message: string): Path {
  for (const [kind, options] of entriesOf(spec)) {
    const named = entriesOf(options).find(
      ([, value]) => typeof value === 'string' && value !== '' && message.startsWith(value),
    )
    return named === undefined ? [kind] : [kind, named[0]]
  }
  return []
}

const memberOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined

const entriesOf = (value: unknown): [string, unknown][] =>
  typeof value === 'object' && value !== null ? Object.entries(value) : []
