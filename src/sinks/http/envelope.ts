/** Where a batch goes and under which headers, as far as that depends on its events or their routes. */
import { compileTemplate, type Template } from '../../cel/template.ts'
import { canonicalize } from '../../event/canonical.ts'
import { eventVariables } from '../../routing/event-variables.ts'
import { type Overrides, type Partitioner, Unroutable } from '../sink.ts'
import { isAllowed } from '../transport/allowed.ts'
import type { HttpSinkConfig } from './config.ts'

/** What the events of one batch share. */
interface Shared {
  /** Path and query, for each of the sink's URLs. */
  readonly paths?: readonly string[]
  readonly headers?: Readonly<Record<string, string>>
}

export interface Envelope {
  /** Absent where all batches go to the same place in the same way. */
  readonly partition: Partitioner | undefined
  /** Path and query at endpoint `index`. */
  path(partition: string, index: number): string
  /** Names in lower case; without secrets. */
  headers(partition: string): Readonly<Record<string, string>>
}

const headerText = /^[\t\x20-\x7e\x80-\xff]*$/

export function compileEnvelope(sink: string, config: HttpSinkConfig): Envelope {
  const encode = (text: string) => encodeURIComponent(text)
  const paths = config.url.map(({ url }) =>
    compileTemplate(pathOf(url), eventVariables, { encode, absent: '_' }),
  )
  const templates = Object.entries(config.headers).flatMap(([name, value]): [string, Template][] =>
    typeof value === 'string' ? [[name.toLowerCase(), compileTemplate(value, eventVariables)]] : [],
  )
  const fixed = Object.fromEntries(
    templates.flatMap(([name, template]) => (template.constant ? [[name, template({}) ?? '']] : [])),
  )
  const varying = templates.filter(([, template]) => !template.constant)
  const pathsVary = paths.some(({ constant }) => !constant)
  const allowed = allowedHeaders(config)

  const partition: Partitioner = (view, overrides) => {
    const headers: Record<string, string> = {}
    for (const [name, template] of varying) {
      const value = template(view.event)
      if (value === undefined) continue
      if (!headerText.test(value)) return new Unroutable(`header ${name} would be no line of Latin-1 text`)
      headers[name] = value
    }
    const refused = overrides === undefined ? undefined : override(sink, allowed, overrides, headers)
    if (refused !== undefined) return new Unroutable(refused)
    const rendered = pathsVary ? paths.map((path) => path(view.event)!) : []
    if (rendered.some(climbs)) return new Unroutable('its part of the URL would lead to another path')
    const shared: Shared = {
      ...(pathsVary && { paths: rendered }),
      ...(Object.keys(headers).length > 0 && { headers }),
    }
    return Object.keys(shared).length === 0 ? '' : canonicalize(shared)
  }

  const sharedOf = (text: string): Shared => (text === '' ? {} : (JSON.parse(text) as Shared))
  return {
    partition: pathsVary || varying.length > 0 || allowed.size > 0 ? partition : undefined,
    path: (text, index) => sharedOf(text).paths?.[index] ?? paths[index]!({})!,
    headers: (text) => (text === '' ? fixed : { ...fixed, ...sharedOf(text).headers }),
  }
}

/** With templates as it was written: parsing would escape the braces. */
function pathOf(url: string): string {
  if (!url.includes('{')) {
    const { pathname, search } = new URL(url)
    return pathname + search
  }
  const path = url.replace(/^https?:\/\/[^/?]*/i, '')
  return path.startsWith('/') ? path : `/${path}`
}

/** Servers resolve `.` and `..` after they have decoded `%2F`: an id of `../other` would reach what is beside. */
function climbs(path: string): boolean {
  const decoded = path
    .replace(/\?.*$/, '')
    .replaceAll(/%2f|%5c|\\/gi, '/')
    .replaceAll(/%2e/gi, '.')
  return /\/\.{1,2}(?:\/|$)/.test(decoded)
}

const allowedHeaders = ({ overrides }: HttpSinkConfig) =>
  new Map(Object.entries(overrides.headers ?? {}).map(([name, values]) => [name.toLowerCase(), values]))

/** Writes what a route sets into `headers`; why it may not, where it may not. */
function override(
  sink: string,
  allowed: ReadonlyMap<string, readonly string[]>,
  overrides: Overrides,
  headers: Record<string, string>,
): string | undefined {
  for (const [option, value] of Object.entries(overrides)) {
    const name = option.replace(/^headers\./, '')
    const values = allowed.get(name)
    if (values === undefined)
      return `sink ${sink} lets no route set ${option}: \`overrides\` does not name it`
    if (!isAllowed(value, values))
      return `header ${name}: "${value}" is not in overrides.headers of sink ${sink}`
    if (!headerText.test(value)) return `header ${name} would be no line of Latin-1 text`
    headers[name] = value
  }
  return undefined
}
