/**
 * What the API server's audit webhook posts: an EventList.
 * https://kubernetes.io/docs/reference/config-api/apiserver-audit.v1/
 */
import { AffiantError } from '../../errors.ts'
import type { TextRecord } from '../../event/record.ts'
import { listOf, recordsOf, textOf } from '../server/json-records.ts'
import { memberOf } from '../server/json-slices.ts'

/** Its events, each as it was written. Throws `bad_request`; then there is nothing to be taken of the body. */
export function eventsOf(body: Buffer): TextRecord[] {
  const text = textOf(body)
  const list = objectOf(text)
  if (
    list?.kind !== 'EventList' ||
    typeof list.apiVersion !== 'string' ||
    !list.apiVersion.startsWith(group)
  ) {
    throw new AffiantError('bad_request', 'the body is no EventList of audit.k8s.io', {
      hint: 'this address takes what the audit webhook of a Kubernetes API server sends',
    })
  }
  if (list.items === undefined || list.items === null) return []
  return recordsOf(listOf(memberOf(text, 'items')!, '`items`'), (event) => ({ text: event }))
}

const group = 'audit.k8s.io/'

function objectOf(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : undefined
  } catch (thrown) {
    if (thrown instanceof SyntaxError)
      throw new AffiantError('bad_request', `the body is no JSON: ${thrown.message}`)
    throw thrown
  }
}
