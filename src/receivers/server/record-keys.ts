/** By what a record is known again: the id that it was given where it was made, and a hash of all that it says. */
import { hash } from 'node:crypto'
import { producerUuid } from '../../event/id.ts'
import {
  type DecodedRecord,
  decodedRecord,
  type ReceivedRecord,
  type RecordChunk,
  type TextRecord,
} from '../../event/record.ts'
import { type Asked, AskedKeys } from './asked-keys.ts'
import { KeysOfBytes, keyOf } from './key-of.ts'

/**
 * Undefined for a record without one. `credential` is who delivers it: nobody's records are known as another's. By
 * default a record with an id of another one is no reason to lose it: it is kept.
 */
export function askedOf(
  record: ReceivedRecord,
  credential: string,
  { otherwise = 'keep', values }: { readonly otherwise?: Asked['otherwise']; readonly values?: Values } = {},
): Asked | undefined {
  const key = recordKey(record, credential)
  return key === undefined ? undefined : { key, content: contentOf(record, values), otherwise }
}

/** The same, for all records of a chunk; and `more` of which nothing is asked yet. */
export function askedOfEach(
  records: readonly ReceivedRecord[],
  credential: string,
  values: Values,
  more: number,
): AskedKeys {
  const uuids = new KeysOfBytes(['uuid', credential], uuidLength)
  const asked = new AskedKeys(records.length + more)
  for (let index = 0; index < records.length; index++) {
    const record = records[index]!
    if ('layout' in record && record.uuidAt !== undefined && record.contentAt !== undefined) {
      const { bytes } = values!
      asked.setBytes(index, uuids.of(bytes, record.uuidAt), bytes, record.contentAt)
      continue
    }
    const one = askedOf(record, credential, { values })
    if (one) asked.set(index, one)
  }
  return asked
}

const uuidLength = 36

/** Whether it may be known again. */
export const isKnowable = (record: ReceivedRecord): boolean =>
  record.id !== undefined ||
  record.knownBy !== undefined ||
  ('layout' in record && record.uuidAt !== undefined)

function recordKey({ id, knownBy }: ReceivedRecord, credential: string): string | undefined {
  if (id === undefined) return knownBy === undefined ? undefined : keyOf(['known', credential, knownBy])
  if (!('uuid' in id)) return keyOf(['uid', credential, id.producer, id.uid])
  const uuid = producerUuid(id.uuid)
  return uuid === undefined ? undefined : keyOf(['uuid', credential, uuid])
}

/**
 * The first 16 bytes of SHA-256 over a record as it was received, one character a byte: of a text its UTF-8, of a decoded
 * one its members in the order of their names, without when it was seen; or what its decoder says.
 */
function contentOf(received: ReceivedRecord, values: Values): string {
  const record = 'layout' in received ? decodedRecord(received, values!) : received
  if (record.content !== undefined) return record.content
  if ('oversize' in record && record.oversize) return contentOfWhole(record.oversize)
  const text = 'text' in record ? (record.within?.whole ?? record.text) : textOf(record)
  return hash('sha256', text, 'binary').slice(0, 16)
}

/** Heads may be alike where the records are not. */
const contentOfWhole = ({ sha256 }: NonNullable<TextRecord['oversize']>): string =>
  Buffer.from(sha256, 'hex').toString('latin1', 0, 16)

const textOf = ({ value, within }: DecodedRecord): string => {
  const whole = within?.whole ?? value
  const names = Object.keys(whole).filter((name) => name !== seenAt)
  return JSON.stringify(names.sort().map((name) => [name, whole[name]]))
}

/** When it was seen on its way is no part of what a record says: who writes it once more sees it later. */
const seenAt = 'observed_timestamp'

/** A record whose id is another's, as it is taken in: with an id that is made of that and its content. */
export function withOwnId(received: ReceivedRecord, values: Values): ReceivedRecord {
  const record = 'layout' in received ? decodedRecord(received, values!) : received
  const producer = idOf(record)
  if (producer === undefined) return received
  const uid = Buffer.from(contentOf(record, values), 'latin1').toString('hex')
  return { ...record, id: { uid, producer }, warnings: [...(record.warnings ?? []), sameId] }
}

function idOf({ id, knownBy }: ReceivedRecord): string | undefined {
  if (id === undefined) return knownBy
  return 'uuid' in id ? id.uuid : `${id.producer}\n${id.uid}`
}

/** Of the chunk. */
type Values = RecordChunk['values']

const sameId = 'its id was given before to a record with another content: the id of this event is another one'
