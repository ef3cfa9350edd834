/** What a rule of redaction cannot see alone: the events that its condition is about, and what they must have. */
import { redactConfig } from '../attribution/redact/config.ts'
import { parsePlace } from '../attribution/redact/path.ts'
import { requiredAt } from '../attribution/redact/place-problem.ts'
import type { RedactRule } from '../attribution/redact/rule.ts'
import type { Finding, Path } from '../config/problem.ts'
import { eventFields } from '../routing/event-fields.ts'
import { conditionFaults } from './condition-faults.ts'

/** Undefined stands for a rule that its schema refuses. */
export function checkRedact(path: Path, rules: readonly (RedactRule | undefined)[]): Finding[] {
  return rules.flatMap((rule, index): Finding[] => {
    if (rule === undefined) return []
    const { when, mode, method, path: places = [] } = rule
    const faults = when === undefined ? [] : conditionFaults(when, eventFields())
    const required = mode === undefined && method === 'drop' ? places : []
    return [
      ...faults.map((message) => finding('error', [...path, index, 'when'], message)),
      ...required.flatMap((place) => {
        const parsed = parsePlace(place)
        const instead = 'steps' in parsed ? requiredAt(parsed.steps) : undefined
        if (instead === undefined) return []
        return [finding('warning', [...path, index, 'path'], `${place} must be there: it ${instead}`)]
      }),
    ]
  })
}

const finding = (severity: Finding['severity'], path: Path, message: string): Finding => ({
  severity,
  path,
  at: 'value',
  message,
})

/** Rules one by one, so that one that is broken hides nothing else. */
export function rulesOf(written: unknown): (RedactRule | undefined)[] {
  return Array.isArray(written)
    ? written.map((rule: unknown) => redactConfig.safeParse([rule]).data?.[0])
    : []
}
