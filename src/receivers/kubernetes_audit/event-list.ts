/**
 * What the API server's audit webhook posts: an EventList.
 * https://kubernetes.io/docs/reference/config-api/apiserver-audit.v1/
 */
import { AffiantError, asError } from '../../errors.ts'
import type { TextRecord } from '../../event/record.ts'
import { firstTexts } from '../server/first-members.ts'
import { jsonFault } from '../server/json-fault.ts'
import { listOf, objectsUpTo, recordsOf, textOf } from '../server/json-records.ts'
import { membersIn } from '../server/json-slices.ts'
import { large } from '../server/read-object.ts'

/**
 * Its events, each as it was written; those over `maxRecord` bytes are not read. Rejects with `bad_request`; then there is
 * nothing to be taken of the body.
 */
export async function eventsOf(body: Buffer, maxRecord: number): Promise<Iterable<TextRecord>> {
  const { items, ...list } = membersOf(textOf(body))
  if (list.kind !== '"EventList"' || !list.apiVersion?.startsWith(`"${group}`)) {
    throw new AffiantError('bad_request', 'the body is no EventList of audit.k8s.io', {
      hint: 'this address takes what the audit webhook of a Kubernetes API server sends',
    })
  }
  if (items === undefined || items === 'null') return []
  const asItIs = objectsUpTo(
    maxRecord,
    (text, event) => ({ text, ...knownBy(text.length > large ? namesOf(text) : event()) }),
    (text) => knownBy(namesOf(text)),
  )
  return recordsOf(listOf(items, '`items`'), asItIs)
}

const namesOf = (text: string) => firstTexts(text, ['auditID', 'stage'])

/**
 * A request makes up to three events, one a stage, with one id. That may be the client's own choice (`Audit-ID`): it is no
 * reason to lose another event. Written as the preset makes an event's id of it.
 */
function knownBy({ auditID, stage }: Readonly<Record<string, unknown>>): Pick<TextRecord, 'knownBy'> {
  if (typeof auditID !== 'string' || auditID === '') return {}
  return { knownBy: `kubernetes\n${auditID}${typeof stage === 'string' ? `/${stage}` : ''}` }
}

const group = 'audit.k8s.io/'
/** Characters of all that stands beside `items`, where an API server writes some dozens. */
const mostBeside = 64 * 1024

function check(name: string, written: string): void {
  try {
    JSON.parse(written)
  } catch (thrown) {
    throw new Error(`\`${name}\`: ${jsonFault(written, thrown)}`)
  }
}

/** As they are written. `items` is not parsed here: its events are, one by one. */
function membersOf(text: string): Readonly<Record<string, string>> {
  const members = new Map<string, string>()
  let beside = 0
  try {
    for (const [name, written] of membersIn(text)) {
      if (members.has(name)) throw new Error(`\`${name}\` is given twice`)
      if (name !== 'items') {
        beside += name.length + written.length
        if (beside > mostBeside) throw new Error('what stands beside `items` is over 64 KiB')
        check(name, written)
      }
      members.set(name, written)
    }
  } catch (thrown) {
    throw new AffiantError('bad_request', `the body is no EventList: ${asError(thrown).message}`)
  }
  return Object.fromEntries(members)
}
