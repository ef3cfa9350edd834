/**
 * PostgreSQL's log as it writes it to stderr: `log_line_prefix`, the severity, the message; further lines of a text begin
 * with a tab, and what belongs to a message (DETAIL, CONTEXT, STATEMENT, …) follows it in lines of its own.
 */
import type { Decoded, Decoder } from '../decoder.ts'
import { onlyOptions } from '../options.ts'
import { type Entry, finishEntry } from './entry.ts'
import { compileLinePrefix, type LinePrefix, readPrefix } from './line-prefix.ts'

/** Prefixes in wide use: PostgreSQL's own, Debian's, pgBadger's, those of Amazon RDS, and none. */
const usual = [
  '%m [%p] ',
  '%m [%p] %q%u@%d ',
  '%t [%p] ',
  '%t [%p] %q%u@%d ',
  '%t [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h ',
  '%t [%p]: user=%u,db=%d,app=%a,client=%h ',
  '%t:%r:%u@%d:[%p]:',
  '%m:%r:%u@%d:[%p]:%l:%e:%s:%v:%x:%c:%q%a:',
  '',
]

const severities = 'DEBUG DEBUG1 DEBUG2 DEBUG3 DEBUG4 DEBUG5 LOG INFO NOTICE WARNING ERROR FATAL PANIC'.split(
  ' ',
)
const parts: Readonly<Record<string, string>> = {
  DETAIL: 'detail',
  HINT: 'hint',
  QUERY: 'internal_query',
  CONTEXT: 'context',
  STATEMENT: 'statement',
  LOCATION: 'location',
  BACKTRACE: 'backtrace',
}
const further = Object.keys(parts)
const severityLabels = new Set(severities)
const furtherLabels = new Set(further)
/** Labels that are looked at in one line: what stands before the right one may look like one. */
const mostLabels = 8

/** `{ log_line_prefix: '%m [%p] ' }`, or a list that is tried in order. @throws Error that says what is wrong with it */
export function createPostgresStderrDecoder(options: Readonly<Record<string, unknown>>): Decoder {
  onlyOptions(options, ['log_line_prefix'])
  const given = options.log_line_prefix ?? usual
  const texts: unknown[] = Array.isArray(given) ? given : [given]
  if (texts.length === 0 || !texts.every((one) => typeof one === 'string')) {
    throw new Error('`log_line_prefix` is a text, or a list of texts: as in postgresql.conf')
  }
  const prefixes = texts.map(compileLinePrefix)
  return {
    decode: (text) => decodeStderr(text, prefixes),
    joining: { kind: 'labels', first: severities, further },
  }
}

function decodeStderr(text: string, prefixes: readonly LinePrefix[]): Decoded {
  const newline = text.indexOf('\n')
  const first = newline < 0 ? text : text.slice(0, newline)
  const lines = newline < 0 ? [] : text.slice(newline + 1).split('\n')
  const begun = begin(first, severityLabels, prefixes)
  if (begun === undefined) {
    return {
      ok: false,
      reason: 'no line of PostgreSQL: log_line_prefix and a severity do not stand at its beginning',
    }
  }
  const { entry } = begun
  entry.error_severity = begun.label
  let message: string | undefined
  let key: string | undefined
  let said = begun.rest
  for (const line of lines) {
    const next = line.startsWith('\t') ? undefined : begin(line, furtherLabels, prefixes)
    if (next === undefined) said += `\n${line.startsWith('\t') ? line.slice(1) : line}`
    else {
      if (key === undefined) message = said
      else entry[key] = said
      key = parts[next.label]!
      said = next.rest
    }
  }
  if (key === undefined) message = said
  else entry[key] = said
  return finishEntry(entry, message)
}

interface Begun {
  readonly entry: Entry
  readonly label: string
  readonly rest: string
}

/** What stands before, and behind, the first of the labels that has a prefix before it. */
function begin(
  line: string,
  labels: ReadonlySet<string>,
  prefixes: readonly LinePrefix[],
): Begun | undefined {
  let end = -1
  for (let i = 0; i < mostLabels; i++) {
    end = line.indexOf(':  ', end + 1)
    if (end < 0) return undefined
    let from = end
    while (from > 0 && isOfLabel(line.charCodeAt(from - 1))) from--
    const label = line.slice(from, end)
    if (!labels.has(label)) continue
    const before = line.slice(0, end - label.length)
    for (const prefix of prefixes) {
      const entry = readPrefix(prefix, before)
      if (entry !== undefined) return { entry, label, rest: line.slice(end + 3) }
    }
  }
  return undefined
}

/** A capital letter or a digit. */
function isOfLabel(code: number): boolean {
  return (code >= 0x41 && code <= 0x5a) || (code >= 0x30 && code <= 0x39)
}
