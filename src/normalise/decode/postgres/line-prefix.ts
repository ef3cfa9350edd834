/**
 * `log_line_prefix` of PostgreSQL, compiled into what reads it: its escapes, and the text between them. In linear time:
 * what an escape of free text stands for ends where the text behind it begins.
 * https://www.postgresql.org/docs/current/runtime-config-logging.html#GUC-LOG-LINE-PREFIX
 */
import type { Entry } from './entry.ts'

const stamp = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d`
const zone = String.raw`(?:[A-Za-z]+|[+-]\d\d(?::?\d\d){0,2})`

/** Members that the escapes are, with the form that they have; none for free text. */
const escapes: Readonly<Record<string, readonly [key: string, form?: string]>> = {
  a: ['application_name'],
  u: ['user'],
  d: ['dbname'],
  r: ['connection_from'],
  h: ['remote_host'],
  L: ['local_host'],
  b: ['backend_type'],
  i: ['ps'],
  p: ['pid', String.raw`\d+`],
  P: ['leader_pid', String.raw`\d*`],
  t: ['timestamp', `${stamp} ${zone}`],
  m: ['timestamp', String.raw`${stamp}\.\d+ ${zone}`],
  n: ['timestamp', String.raw`\d+\.\d+`],
  e: ['state_code', '[0-9A-Z]{5}'],
  c: ['session_id', String.raw`[0-9a-f]+\.[0-9a-f]+`],
  l: ['line_num', String.raw`\d+`],
  s: ['session_start', `${stamp} ${zone}`],
  v: ['vxid', '[0-9/]*'],
  x: ['txid', String.raw`\d+`],
  Q: ['query_id', String.raw`-?\d+`],
}

type Token =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'form'; readonly key: string; readonly form: RegExp }
  | { readonly kind: 'free'; readonly key: string; readonly padded: boolean }
  /** Behind it there is nothing in lines of processes without a session. */
  | { readonly kind: 'session' }

export type LinePrefix = readonly Token[]

/** @throws Error for a prefix that is none, or leaves open where a text ends */
export function compileLinePrefix(prefix: string): LinePrefix {
  const tokens: Token[] = []
  for (const [token, padding, letter] of prefix.matchAll(/%(-?\d+)?([A-Za-z%])|[^%]+|%/g)) {
    if (token === '%') throw new Error('`log_line_prefix` has a % that stands for nothing')
    if (letter === undefined || letter === '%') tokens.push({ kind: 'text', text: letter ?? token })
    else if (letter === 'q') tokens.push({ kind: 'session' })
    else tokens.push(escapeOf(letter, padding ?? ''))
  }
  for (const [i, { kind }] of tokens.entries()) {
    const next = tokens[i + 1]
    if (kind === 'free' && next !== undefined && next.kind !== 'text') {
      throw new Error('`log_line_prefix` has nothing that tells where a name or a text in it ends')
    }
  }
  return tokens
}

function escapeOf(letter: string, padding: string): Token {
  const known = Object.hasOwn(escapes, letter) ? escapes[letter] : undefined
  if (known === undefined) throw new Error(`\`log_line_prefix\` has %${letter}, which PostgreSQL has not`)
  const [key, form] = known
  if (form === undefined) return { kind: 'free', key, padded: padding !== '' }
  return { kind: 'form', key, form: new RegExp(padding === '' ? `(${form})` : ` *(${form}) *`, 'y') }
}

/** The members that `text` has, which must be a whole prefix; undefined where it is none. */
export function readPrefix(tokens: LinePrefix, text: string): Entry | undefined {
  const entry: Entry = {}
  let at = 0
  for (const [i, token] of tokens.entries()) {
    switch (token.kind) {
      case 'session':
        if (at === text.length) return entry
        break
      case 'text':
        // The spaces that fill a padded escape were taken with it, and those that stand here.
        if (isPadded(tokens[i - 1]))
          while (at > 0 && text[at - 1] === ' ' && !text.startsWith(token.text, at)) at--
        if (!text.startsWith(token.text, at)) return undefined
        at += token.text.length
        break
      case 'form': {
        token.form.lastIndex = at
        const match = token.form.exec(text)
        if (match === null) return undefined
        if (match[1] !== '') entry[token.key] = match[1]
        at = token.form.lastIndex
        break
      }
      case 'free': {
        const end = endOfText(tokens, i, text, at)
        if (end < at) return undefined
        const value = text.slice(at, end)
        take(token.key, token.padded ? value.trim() : value, entry)
        at = end
      }
    }
  }
  return at === text.length ? entry : undefined
}

function isPadded(token: Token | undefined): boolean {
  return token?.kind === 'form' && token.form.source.endsWith(' *')
}

/** Where the text of token `i` ends: at what stands behind it, or at the last of that if it ends the prefix. */
function endOfText(tokens: LinePrefix, i: number, text: string, at: number): number {
  const next = tokens[i + 1]
  if (next?.kind !== 'text') return text.length
  return i + 2 === tokens.length ? text.lastIndexOf(next.text) : text.indexOf(next.text, at)
}

/** `[unknown]` is written for a user or database before it is known. */
function take(key: string, value: string, entry: Entry): void {
  if (value === '' || value === '[unknown]') return
  if (key !== 'connection_from') {
    entry[key] = value
    return
  }
  const match = /^(.*)\((\d{1,5})\)$/.exec(value)
  entry.remote_host = match?.[1] ?? value
  if (match !== null) entry.remote_port = match[2]
}
