/** Connections of syslog: whatever the bytes and however they are cut, the same messages come out, and each is one event. */
import { decodeSyslog } from '../../src/normalise/decode/syslog/decode.ts'
import { type Frame, recordOf } from '../../src/receivers/syslog/frame.ts'
import { Framer, nothing } from '../../src/receivers/syslog/framer.ts'
import type { FuzzTarget } from './target.ts'

const maxMessage = 600

/** `most`: messages that are asked for at a time. */
function framed(pieces: readonly Buffer[], most = Number.POSITIVE_INFINITY): Frame[] {
  const framer = new Framer(maxMessage)
  const all: Frame[] = []
  for (const piece of pieces) {
    for (let bytes = piece; ; bytes = nothing) {
      const frames = framer.push(bytes, most)
      if (frames.length === 0) break
      all.push(...frames)
    }
    if (framer.held > maxMessage + 16) throw new Error(`${framer.held} bytes are held`)
  }
  return [...all, ...framer.end(true)]
}

function cut(bytes: Buffer, size: number): Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
    bytes.subarray(i * size, (i + 1) * size),
  )
}

function check(bytes: Buffer): void {
  const whole = framed([bytes])
  if (JSON.stringify(framed(cut(bytes, 1 + (bytes.length % 13)))) !== JSON.stringify(whole))
    throw new Error('other messages where the bytes come in pieces')
  if (JSON.stringify(framed([bytes], 1 + (bytes.length % 3))) !== JSON.stringify(whole))
    throw new Error('other messages where they are asked for one by one')
  let taken = 0
  for (const frame of whole) {
    taken += frame.oversize?.size ?? frame.bytes.length
    if (frame.bytes.length > maxMessage) throw new Error(`a message of ${frame.bytes.length} bytes`)
    const { text } = recordOf(frame)
    const decoded = decodeSyslog(text)
    if (decoded.ok && !text.includes('{') && JSON.stringify(decoded.value).length > 6 * text.length + 100)
      throw new Error('more comes out than went in')
  }
  if (taken > bytes.length) throw new Error(`${bytes.length} bytes became ${taken}`)
}

const messages = [
  '<34>1 2003-10-11T22:14:15.003Z host su - ID47 - \uFEFFfailed',
  '<165>1 2003-10-11T22:14:15.003Z host app 1 - [a@1 x="1" y="\\"2\\""][b z=""] m',
  '<13>Nov  3 09:15:00 host sshd[4711]: session opened',
  '<13>Nov 30 10:00:00 host app: @cee: {"user":"u_1","n":12345678901234567890}',
  '<13>Mon Nov 30 10:15:01.5 CET 2026 host app: m',
  '<13>2026/11/30 10:15:01 +0100 host app[1]: m',
  '<13>1 - - - - - - user=ann ip=192.0.2.7 msg="two words"',
  'no syslog',
  `<13>${'x'.repeat(700)}`,
]

export const syslog: FuzzTarget = {
  corpus: [
    ...messages.map((message) => Buffer.from(message)),
    Buffer.from(messages.map((message) => `${Buffer.byteLength(message)} ${message}`).join('')),
    Buffer.from(messages.map((message) => `${message}\r\n`).join('')),
    Buffer.from(messages.map((message) => `${message.length - 1} ${message}é`).join('')),
  ],
  check,
}
