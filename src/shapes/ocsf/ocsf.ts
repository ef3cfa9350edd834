/**
 * OCSF, version 1.8 or 1.9: https://schema.ocsf.io. Tables choose the class and make its attributes; the event itself is
 * carried in `unmapped`, as a text, so that no store can change it: numbers, order and nulls stay as they were hashed.
 */
import { type Members, present } from '../absent.ts'
import { carriedEvent, type Line, lineOf, parseLine, withoutRaw } from '../line.ts'
import { type Shape, ShapeError } from '../shape.ts'
import { attestationsOf, isBelied } from './attestations.ts'
import { choose } from './choice.ts'
import { categories } from './classes.ts'
import { severityOf, statusOf } from './classification.ts'
import { cloudOf } from './cloud.ts'
import { delegationOf } from './delegation.ts'
import { observablesOf } from './observables.ts'
import type { Part } from './part.ts'
import { api } from './parts/request.ts'
import { timesOf } from './times.ts'

/** Of `unmapped`: the event, without `raw_data`, which has an attribute of its own. */
const carried = 'affiant_event'

export const ocsf = ocsfShape('ocsf', '1.8.0')
export const ocsf19 = ocsfShape('ocsf_1_9', '1.9.0')

function ocsfShape(name: 'ocsf' | 'ocsf_1_9', version: string): Shape {
  return {
    name,
    beginning: `{"metadata":{"version":"${version}",`,
    write: (line) => JSON.stringify(write(line, version, name === 'ocsf_1_9')),
    read: (document) => [read(document)],
    // Whatever is not 1.9 is for the older one to say no to.
    recognises: ({ class_uid: uid, metadata }) =>
      typeof uid === 'number' && /^1\.9\b/.test(versionIn(metadata)) === (name === 'ocsf_1_9'),
  }
}

const isMap = (value: unknown): value is Members => typeof value === 'object' && value !== null

const versionIn = (metadata: unknown): string =>
  isMap(metadata) && typeof metadata.version === 'string' ? metadata.version : ''

function read(document: unknown): string {
  const { unmapped, raw_data: rawData, attestation_list: attestations } = isMap(document) ? document : {}
  const line = isMap(unmapped) ? unmapped[carried] : undefined
  if (typeof line !== 'string') {
    throw new ShapeError(`has no unmapped.${carried}: it is no event of Affiant (the preset ocsf reads any)`)
  }
  const carriedLine = lineOf(carriedEvent(line, undefined))
  if (isBelied(attestations, carriedLine))
    throw new ShapeError('was altered: its attestation is of another event')
  return rawData === undefined ? carriedLine : lineOf(carriedEvent(line, rawData))
}

function write(line: string, version: string, integrity: boolean): Members {
  const event = parseLine(line)
  const made = new Map<Part, unknown>()
  const value = (part: Part): unknown => {
    if (!made.has(part)) made.set(part, part(event))
    return made.get(part)
  }
  const { eventClass, activity } = choose(event, (part) => isThere(value(part)))
  const profiles = new Set(['datetime'])
  const attributes: Members = {}
  for (const [name, part] of Object.entries(eventClass.attributes)) {
    const own = value(part)
    if (!isThere(own)) continue
    attributes[name] = own
    const profile = eventClass.profiles?.[name]
    if (profile !== undefined) profiles.add(profile)
  }
  const cloud = cloudOf(event)
  if (cloud !== undefined) {
    profiles.add('cloud')
    // With the cloud profile every class has it.
    attributes.api ??= api(event)
  }
  if (event.outcome.result === 'denied') profiles.add('security_control')
  const carriedLine = withoutRaw(line, event)
  const attestations = integrity ? attestationsOf(event, carriedLine) : []
  if (attestations.length > 0) profiles.add('record_integrity')

  const [categoryUid, categoryName] = categories[eventClass.category]
  const caption = eventClass.activities[activity]
  const document: Members = {
    metadata: metadataOf(event, version, [...profiles].toSorted()),
    ...timesOf('time', event.time),
    class_uid: eventClass.uid,
    class_name: eventClass.caption,
    category_uid: categoryUid,
    category_name: categoryName,
    activity_id: activity,
    activity_name: caption ?? event.action,
    type_uid: eventClass.uid * 100 + activity,
    type_name: `${eventClass.caption}: ${caption ?? 'Other'}`,
    ...severityOf(event),
    ...statusOf(event),
    ...present({ message: event.message }),
    ...present({ cloud }),
    ...attributes,
  }
  return {
    ...document,
    ...present({
      observables: observablesOf(document),
      enrichments: delegationOf(event),
      attestation_list: attestations,
      raw_data: event.raw_data,
      ...rawFacts(event),
    }),
    unmapped: { [carried]: carriedLine },
  }
}

const isThere = (value: unknown): boolean =>
  value !== undefined && !(Array.isArray(value) && value.length === 0)

function metadataOf(event: Line, version: string, profiles: readonly string[]): Members {
  const { producer, log, request, source_event_id: sourceId } = event
  const { product, vendor, version: productVersion, service } = producer
  return {
    version,
    profiles,
    product: present({
      name: product,
      vendor_name: vendor,
      version: productVersion,
      feature: service === undefined ? undefined : { name: service },
    }),
    ...timesOf('logged_time', event.observed_time),
    ...present({
      uid: event.id,
      event_code: event.action,
      original_event_uid: sourceId,
      original_time: event.original_time,
      correlation_uid: request?.correlation_id,
      tenant_uid: event.actor.tenant,
      log_name: log?.origin,
      sequence: log?.seq,
    }),
  }
}

function rawFacts({ raw }: Line): Members {
  if (raw === undefined) return {}
  return {
    raw_data_size: raw.size,
    raw_data_hash: { algorithm_id: 3, algorithm: 'SHA-256', value: raw.sha256 },
  }
}
