/**
 * PostgreSQL's log as it writes it to stderr: `log_line_prefix`, the severity, the message; further lines of a text begin
 * with a tab, and what belongs to a message (DETAIL, CONTEXT, STATEMENT, …) follows it in lines of its own.
 */
import type { Decoded, Decoder } from '../decoder.ts'
import { onlyOptions } from '../options.ts'
import { finishEntry } from './entry.ts'
import { begin, severities, severityLabels } from './labelled-line.ts'
import { compileLinePrefix, type LinePrefix } from './line-prefix.ts'
import { StderrFields } from './stderr-fields.ts'

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
const furtherLabels = new Set(further)
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
    fields: () => new StderrFields(prefixes),
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
