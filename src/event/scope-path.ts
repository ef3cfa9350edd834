/**
 * Which scopes a record may have, written as `organization:acme/project:*`: levels from the root, each its type and id. What is
 * further down the tree is within. In ids `%2F` is a slash, `%2A` an asterisk, `%25` a percent sign.
 */
import type { AuditEvent } from './audit-event.ts'

type Scope = AuditEvent['scope']

interface Level {
  readonly type: string
  /** Undefined: any, also none. */
  readonly id: string | undefined
}

/** Levels from the root. Without any: records that have no scope. */
export type ScopePath = readonly Level[]

/** Of a path without levels. */
const none = 'none'
export const scopePathPattern = /^(?:none|[^\s:/]+:[^/]+(?:\/[^\s:/]+:[^/]+)*)$/

/** Undefined for a text that is no path. */
export function parseScopePath(text: string): ScopePath | undefined {
  if (!scopePathPattern.test(text)) return undefined
  if (text === none) return []
  return text.split('/').map((level) => {
    const colon = level.indexOf(':')
    const id = level.slice(colon + 1)
    return { type: level.slice(0, colon), id: id === '*' ? undefined : unescaped(id) }
  })
}

/** Whether a scope is within one of the paths; `scope` as events have it, absent or empty for none. */
export function isWithin(scope: Scope | undefined, paths: readonly ScopePath[]): boolean {
  const levels = scope ?? []
  return paths.some((path) =>
    path.length === 0
      ? levels.length === 0
      : path.every(({ type, id }, depth) => {
          const level = levels[depth]
          return level?.type === type && (id === undefined || level.id === id)
        }),
  )
}

/** A scope as a path of it would be written; cut to a length that fits into a sentence. */
export function shownScope(scope: Scope | undefined): string {
  const text = (scope ?? []).map(({ type = '', id = '' }) => `${type}:${escaped(id)}`).join('/')
  if (text === '') return none
  return text.length > longest ? `${text.slice(0, longest)}…` : text
}

const longest = 200
const marks: Readonly<Record<string, string>> = { '/': '%2F', '*': '%2A', '%': '%25' }

const escaped = (id: string) => id.replace(/[/*%]/g, (mark) => marks[mark]!)
const unescaped = (id: string) =>
  id.replace(/%2F|%2A|%25/gi, (mark) => String.fromCharCode(Number.parseInt(mark.slice(1), 16)))
