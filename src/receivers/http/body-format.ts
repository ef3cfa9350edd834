/** How records stand in a body, by its Content-Type. */
import { transcode } from 'node:buffer'
import { AffiantError } from '../../errors.ts'

/**
 * `json`: one object, or a list of them. `ndjson`: one a line. `lines`: texts, one a line, for presets that read such.
 * `cloudevent`, `cloudevents`: one, or a list, in structured mode.
 */
export type BodyFormat = 'json' | 'ndjson' | 'lines' | 'cloudevent' | 'cloudevents'

const formats: Readonly<Record<string, BodyFormat>> = {
  'application/json': 'json',
  'application/x-ndjson': 'ndjson',
  'application/ndjson': 'ndjson',
  'application/jsonl': 'ndjson',
  'application/x-jsonlines': 'ndjson',
  'text/plain': 'lines',
  'application/cloudevents+json': 'cloudevent',
  'application/cloudevents-batch+json': 'cloudevents',
}

/** Throws `unsupported_media_type`. */
export function bodyFormat(contentType: string | undefined): BodyFormat {
  const name = contentType?.split(';', 1)[0]?.trim().toLowerCase() ?? ''
  const format = Object.hasOwn(formats, name) ? formats[name] : undefined
  if (format !== undefined) return format
  const what = name === '' ? 'there is no Content-Type' : `the Content-Type ${name.slice(0, 60)} is not taken`
  throw new AffiantError('unsupported_media_type', what, { hint: `use ${Object.keys(formats).join(', ')}` })
}

/** Makes UTF-8 of a body whose Content-Type says another charset. Throws `unsupported_media_type` for one that is not taken. */
export function toUtf8(contentType = ''): (body: Buffer) => Buffer {
  const charset = /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(contentType)?.[1]?.toLowerCase() ?? 'utf-8'
  if (/^(?:utf-?8|us-ascii|ascii)$/.test(charset)) return (body) => body
  // What older Java clients say, if they are told nothing.
  if (/^(?:iso-8859-1|latin1)$/.test(charset)) return (body) => transcode(body, 'latin1', 'utf8')
  throw new AffiantError('unsupported_media_type', `the charset ${charset.slice(0, 40)} is not taken`, {
    hint: 'send UTF-8',
  })
}
