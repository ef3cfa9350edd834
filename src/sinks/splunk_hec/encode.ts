/** A batch as a request body. Event bytes are copied, and looked into only where a template needs it. */
import { compileTemplate, type Template } from '../../cel/template.ts'
import { eventVariables } from '../../routing/event-variables.ts'
import { type Lines, shapedLines } from '../../shapes/shaped-lines.ts'
import type { DeliveryBatch } from '../sink.ts'
import { compress } from '../transport/compress.ts'
import { eventTimeText } from '../transport/event-time.ts'
import type { SplunkHecSinkConfig } from './config.ts'
import { type Member, type Metadata, sharedOf } from './metadata.ts'

const ENDING = Buffer.from('}\n')

export type Encode = (batch: DeliveryBatch) => Promise<Buffer>

export function createEncoder(config: SplunkHecSinkConfig, metadata: Metadata): Encode {
  const { endpoint, shape, compression, compression_level: level } = config
  const envelopes = endpoint === 'event' ? createEnvelopes(config, metadata) : undefined
  return async (batch) => {
    const shaped = shapedLines(batch, shape)
    const plain = envelopes === undefined ? shaped.lines : envelopes(batch, shaped)
    return await compress(plain, compression, level)
  }
}

/** `{"host":…,"index":…,"time":1732400000.123,"event":{…}}` around each line. */
function createEnvelopes(
  config: SplunkHecSinkConfig,
  { templates }: Metadata,
): (batch: DeliveryBatch, shaped: Lines) => Buffer {
  const fields = Object.entries(config.fields).map(([name, source]): [string, Template] => [
    name,
    compileTemplate(source, eventVariables),
  ])
  const clock = new Seconds()
  return ({ lines, lengths, partition }, shaped) => {
    const shared = sharedOf(partition)
    const rendered = [...templates].filter(([member]) => shared[member] === undefined)
    const fixed = fixedMembers(shared, rendered)
    const varying = rendered.filter(([, template]) => !template.constant)
    const looks = varying.length > 0 || fields.length > 0
    const heads: Buffer[] = []
    let size = shaped.lines.length
    let at = 0
    for (const length of lengths) {
      const event = looks ? parse(lines, at, length) : undefined
      const time = eventTimeText(lines, at, at + length) ?? timeOf(event ?? parse(lines, at, length))
      const own = event === undefined ? '' : ownMembers(event, varying, fields)
      const seconds = clock.seconds(time)
      const when = seconds === undefined ? '' : `"time":${seconds},`
      const head = Buffer.from(`{${fixed}${own}${when}"event":`)
      heads.push(head)
      size += head.length + ENDING.length - 1
      at += length + 1
    }
    const body = Buffer.allocUnsafe(size)
    let to = 0
    at = 0
    for (const [index, head] of heads.entries()) {
      const length = shaped.lengths[index]!
      to += head.copy(body, to)
      to += shaped.lines.copy(body, to, at, at + length)
      to += ENDING.copy(body, to)
      at += length + 1
    }
    return body
  }
}

type Event = Readonly<Record<string, unknown>>

const parse = (lines: Buffer, at: number, length: number): Event =>
  JSON.parse(lines.toString('utf8', at, at + length)) as Event

const timeOf = ({ time }: Event): string => (typeof time === 'string' ? time : '')

const member = (name: string, value: string): string => `${JSON.stringify(name)}:${JSON.stringify(value)},`

function fixedMembers(
  { token: _token, ...shared }: ReturnType<typeof sharedOf>,
  rendered: readonly (readonly [Member, Template])[],
): string {
  const constants = rendered
    .filter(([, template]) => template.constant)
    .map(([name, template]) => member(name, template({})!))
  return Object.entries(shared)
    .map(([name, value]) => member(name, value))
    .concat(constants)
    .join('')
}

function ownMembers(
  event: Event,
  varying: readonly (readonly [Member, Template])[],
  fields: readonly (readonly [string, Template])[],
): string {
  let text = ''
  for (const [name, template] of varying) {
    const value = template(event)
    if (value !== undefined) text += member(name, value)
  }
  const indexed: Record<string, string> = {}
  for (const [name, template] of fields) {
    const value = template(event)
    if (value !== undefined) indexed[name] = value
  }
  return Object.keys(indexed).length === 0 ? text : `${text}"fields":${JSON.stringify(indexed)},`
}

/**
 * RFC 3339 to seconds since 1970, with every digit of the fraction: a double would lose nanoseconds. Undefined where it is
 * none, or earlier: Splunk knows no such times, and the event in it says when it was.
 */
class Seconds {
  #text = ''
  #seconds: string | undefined

  seconds(time: string): string | undefined {
    const second = time.slice(0, 19)
    if (second !== this.#text) {
      this.#text = second
      const seconds = Math.floor(Date.parse(`${second}Z`) / 1000)
      this.#seconds = seconds >= 0 ? String(seconds) : undefined
    }
    if (this.#seconds === undefined) return undefined
    const fraction = /^\.\d+/.exec(time.slice(19))?.[0] ?? ''
    return this.#seconds + fraction
  }
}
