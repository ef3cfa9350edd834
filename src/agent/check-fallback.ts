/** `agent.fallback` against the sinks and routes of the same configuration. */
import { nearest } from '../cel/nearest.ts'
import type { Finding } from '../config/problem.ts'

interface NamedSink {
  readonly name: string
  /** Undefined where its schema refuses it. */
  readonly required: boolean | undefined
}

const path = ['agent', 'fallback', 'sink']

/** `routed`: there is a section that says where events go. */
export function checkFallback(sink: string, sinks: readonly NamedSink[], routed: boolean): Finding[] {
  const found = (severity: Finding['severity'], message: string): Finding[] => [
    { severity, path, at: 'value', message },
  ]
  const names = sinks.map(({ name }) => name)
  if (!names.includes(sink)) {
    const close = nearest(sink, names)
    const guess = close === undefined ? '' : ` Did you mean "${close}"?`
    return found('error', `there is no sink "${sink}".${guess} Known: ${names.join(', ') || 'none'}`)
  }
  const others = sinks.filter(({ name }) => name !== sink)
  if (others.length === 0) {
    return found('error', `${sink} is the only sink: a fallback takes what others have not settled`)
  }
  if (others.every(({ required }) => required === false)) {
    return found('warning', 'nothing is ever handed over: all other sinks say `required: false`')
  }
  if (!routed) {
    return found(
      'warning',
      `nothing is ever handed over: without \`routes\`, ${sink} gets every event anyway; add routes that do not name it`,
    )
  }
  return []
}
