/** An explained event as text and as JSON. */
import type { ExplainedEvent } from '../agent/explain-event.ts'
import type { ExplainedRoute } from '../routing/explain.ts'

const widest = 80

export function renderExplanation({ id, action, receiver, routes, dropped, ways }: ExplainedEvent): string {
  const width = Math.max(...routes.map(({ route }) => route.name.length))
  const indent = ' '.repeat(width + 4)
  const lines = [
    `event ${id}  ${action}  receiver ${receiver}`,
    ...routes.flatMap((explained) => [
      `  ${explained.route.name.padEnd(width)}  ${verdict(explained, dropped !== undefined)}`,
      ...explained.reads.map(({ path, value }) => `${indent}${path.join('.')} ${shown(value)}`),
    ]),
    ...(dropped === undefined ? [] : [`dropped: ${dropped.drop}`]),
    ...(dropped === undefined && ways.length === 0 ? ['goes nowhere'] : []),
    ...ways.map((way) => `→ ${way.sink}${settings(way)}${refusal(way)}`),
  ]
  return `${lines.map(printable).join('\n')}\n`
}

/** Snake case, as in every other JSON of ours. */
export function explanationJson({ id, action, receiver, routes, dropped, ways }: ExplainedEvent): object {
  return {
    id,
    action,
    receiver,
    routes: routes.map(({ route, verdict: word, reads }) => ({
      name: route.name,
      verdict: word,
      ...(route.when !== undefined && { when: route.when }),
      ...(reads.length > 0 && {
        reads: reads.map(({ path, value }) => ({ path: path.join('.'), value: value ?? null })),
      }),
      ...(word === 'matches' && (route.drop === undefined ? { to: route.to } : { drop: route.drop })),
    })),
    dropped: dropped === undefined ? null : { route: dropped.name, reason: dropped.drop },
    sinks: ways.map(({ sink, set, partition, refused }) => ({
      sink,
      set: set ?? {},
      partition,
      refused: refused ?? null,
    })),
  }
}

function verdict({ route, verdict: word }: ExplainedRoute, isDropped: boolean): string {
  switch (word) {
    case 'other_receiver':
      return `takes from ${route.from?.join(', ')} only`
    case 'not_reached':
      return 'not reached'
    case 'not_true':
      return `not true: ${route.when}`
    case 'undecided':
      return `not true, since what it reads is absent or of another kind: ${route.when}`
    case 'matches': {
      const why = route.when === undefined ? 'takes everything' : `true: ${route.when}`
      if (route.drop === undefined)
        return `${why} → ${route.to.join(', ')}${route.continue ? ', and goes on' : ''}`
      return isDropped
        ? `${why} → dropped`
        : `${why} → not dropped, since a route before has taken it; it goes no further`
    }
  }
}

const settings = ({ set = {} }: ExplainedEvent['ways'][number]): string =>
  Object.entries(set)
    .map(([option, value], index) => `${index === 0 ? '  ' : ', '}${option} ${JSON.stringify(value)}`)
    .join('')

const refusal = ({ refused }: ExplainedEvent['ways'][number]): string =>
  refused === undefined ? '' : `  dead letter: ${refused}`

function shown(value: unknown): string {
  if (value === undefined) return 'is absent'
  const text = JSON.stringify(value)
  return `is ${text.length <= widest ? text : `${text.slice(0, widest - 1)}…`}`
}

/** No event can move the cursor. */
const printable = (line: string): string =>
  line.replaceAll(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (char) => `\\u${char.codePointAt(0)!.toString(16).padStart(4, '0')}`,
  )
