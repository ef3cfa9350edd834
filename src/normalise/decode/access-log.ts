/**
 * nginx's access log in the format `combined`, with or without the host before it and further fields behind it, and its
 * error log. https://nginx.org/en/docs/http/ngx_http_log_module.html. Members are named as nginx's variables; `-` is
 * nothing.
 *
 * nginx writes a quote in a variable as `\x22`, so that the first quote of a line begins the request, whatever a client
 * calls itself.
 */
import type { Decoded } from './decoder.ts'

type Members = Record<string, unknown>

/** In quotes behind the size of the body. */
const quoted = ['http_referer', 'http_user_agent', 'http_x_forwarded_for'] as const
const request = /^([A-Z][A-Z-]{0,31}) (\S.*?)(?: (HTTP\/\d(?:\.\d)?))?$/s
const errorLine = /^(\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d) \[(\w+)\] (\d+)#(\d+): (?:\*(\d+) )?(.*)$/s
const connection =
  /, client: ([^,]+), server: (.*?)(?:, request: "(.*?)")?(?:, upstream: "(.*?)")?(?:, host: "(.*?)")?(?:, referrer: "(.*?)")?$/s

export function decodeAccessLog(text: string): Decoded {
  const open = text.indexOf(' "')
  const bracket = open < 0 ? -1 : text.lastIndexOf('[', open)
  if (bracket < 0 || text[open - 1] !== ']') return decodeErrorLog(text)
  const members: Members = {}
  const problem = readClient(text.slice(0, bracket), members)
  if (problem !== undefined) return { ok: false, reason: problem }
  set(members, 'time_local', text.slice(bracket + 1, open - 1))
  const close = text.indexOf('"', open + 2)
  if (close < 0) return { ok: false, reason: 'the quotes of the request are not closed' }
  readRequest(text.slice(open + 2, close), members)
  readRest(text.slice(close + 1), members)
  return { ok: true, value: members, warnings: [] }
}

/** `host client - user `: the host only where the format has it, the user with its spaces. */
function readClient(text: string, members: Members): string | undefined {
  const words = text.trimEnd().split(' ')
  const dash = words[1] === '-' ? 1 : words[2] === '-' ? 2 : -1
  if (dash < 0) return 'no access log: client, -, user do not stand before the time'
  if (dash === 2) set(members, 'host', words[0]!)
  set(members, 'remote_addr', words[dash - 1]!)
  set(members, 'remote_user', unescaped(words.slice(dash + 1).join(' ')))
  return undefined
}

function readRequest(text: string, members: Members): void {
  const match = request.exec(text)
  if (match === null) {
    set(members, 'request', text)
    return
  }
  members.request_method = match[1]
  members.request_uri = match[2]
  if (match[3] !== undefined) members.server_protocol = match[3]
}

/** ` status size "referer" "user agent" …`. */
function readRest(text: string, members: Members): void {
  const bare: string[] = []
  const extra: string[] = []
  let seen = 0
  for (let at = 0; at < text.length; ) {
    if (text[at] === ' ') {
      at++
      continue
    }
    if (text[at] === '"') {
      const close = text.indexOf('"', at + 1)
      const value = text.slice(at + 1, close < 0 ? undefined : close)
      const name = quoted[seen++]
      if (name === undefined) extra.push(value)
      else set(members, name, value)
      at = close < 0 ? text.length : close + 1
      continue
    }
    const space = text.indexOf(' ', at)
    const end = space < 0 ? text.length : space
    if (seen === 0) bare.push(text.slice(at, end))
    else extra.push(text.slice(at, end))
    at = end
  }
  const [status, size, ...others] = bare
  if (status !== undefined) set(members, 'status', status)
  if (size !== undefined) set(members, 'body_bytes_sent', size)
  if (others.length + extra.length > 0) members.extra = [...others, ...extra]
}

function decodeErrorLog(text: string): Decoded {
  const match = errorLine.exec(text)
  if (match === null) return { ok: false, reason: 'neither an access log nor an error log of nginx' }
  const [, time, level, pid, tid, id, message = ''] = match
  const members: Members = { error_time: time, level, pid, tid }
  if (id !== undefined) members.connection = id
  const at = message.indexOf(', client: ')
  // A path or a request can hold what looks like the client: then which is it?
  const isSure = at >= 0 && at === message.lastIndexOf(', client: ')
  const found = isSure ? connection.exec(message.slice(at)) : null
  if (found === null) {
    members.message = message
    const warnings =
      at >= 0 && !isSure ? ['the client is not taken from the message: it stands there twice'] : []
    return { ok: true, value: members, warnings }
  }
  members.message = message.slice(0, at)
  set(members, 'remote_addr', found[1]!)
  set(members, 'server_name', found[2]!)
  if (found[3] !== undefined) readRequest(found[3], members)
  for (const [i, name] of ['upstream', 'host', 'http_referer'].entries()) {
    const value = found[i + 4]
    if (value !== undefined) set(members, name, value)
  }
  return { ok: true, value: members, warnings: [] }
}

const escapes = /(?:\\x[0-9A-F]{2})+/g
const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Bytes that nginx wrote as `\xC3\xAB` as the text that they are. What is no UTF-8, or controls something, stays. */
function unescaped(text: string): string {
  return text.replaceAll(escapes, (run) => {
    const bytes = Buffer.from(run.replaceAll('\\x', ''), 'hex')
    try {
      const decoded = utf8.decode(bytes)
      return /\p{Cc}/u.test(decoded) ? run : decoded
    } catch {
      return run
    }
  })
}

function set(members: Members, name: string, value: string): void {
  if (value !== '' && value !== '-') members[name] = value
}
