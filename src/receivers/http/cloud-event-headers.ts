/**
 * A CloudEvent in binary mode: the body is its data, and headers hold what stands around that.
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md#31-binary-content-mode
 */
import type { IncomingHttpHeaders } from 'node:http'
import { AffiantError } from '../../errors.ts'
import { jsonFault } from '../server/json-fault.ts'
import { isJson } from '../server/json-object.ts'
import { large } from '../server/read-object.ts'

export type Attributes = Readonly<Record<string, string>>

const prefix = 'ce-'

/** Undefined where the headers are none of a CloudEvent. */
export function attributesIn(headers: IncomingHttpHeaders): Attributes | undefined {
  if (headers[`${prefix}specversion`] === undefined) return undefined
  const attributes: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (name.startsWith(prefix)) attributes[name.slice(prefix.length)] = unescaped(String(value))
  }
  return attributes
}

/** The same event in structured mode. Throws `bad_request` where it says of its data that it is JSON, which it is not. */
export function structured(attributes: Attributes, contentType: string, text: string): string {
  const around = JSON.stringify({ ...attributes, datacontenttype: contentType })
  return `${around.slice(0, -1)},"data":${dataOf(contentType, text)}}`
}

function dataOf(contentType: string, text: string): string {
  if (!/^application\/json\b/i.test(contentType)) return JSON.stringify(text)
  try {
    if (text.length <= large || !isJson(text)) JSON.parse(text)
    return text.trim()
  } catch (thrown) {
    throw new AffiantError('bad_request', `the data of the CloudEvent is no JSON: ${jsonFault(text, thrown)}`)
  }
}

/** Values are percent-encoded where they are not printable ASCII, and may be quoted. */
function unescaped(value: string): string {
  const text = /^".*"$/.test(value) ? value.slice(1, -1).replace(/\\(.)/g, '$1') : value
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
