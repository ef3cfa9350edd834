/** `ExportLogsServiceResponse`, `google.rpc.Status` and `RetryInfo`, as far as their meaning for a batch goes. */

/** What was not taken, and why. */
export interface PartialSuccess {
  readonly rejected: number
  readonly message: string
}

interface Field {
  readonly number: number
  /** Of a varint. */
  readonly value: bigint
  /** Of what has a length. */
  readonly bytes: Buffer
}

const none = Buffer.alloc(0)

/** The fields of a message. @throws RangeError when it is none */
function* fieldsOf(message: Buffer): Generator<Field> {
  let at = 0
  const varint = (): bigint => {
    let value = 0n
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = message[at++]
      if (byte === undefined) throw new RangeError('the message ends in a number')
      value |= BigInt(byte & 127) << shift
      if (byte < 128) return BigInt.asUintN(64, value)
    }
    throw new RangeError('a number has more than ten bytes')
  }
  const take = (length: number): Buffer => {
    if (at + length > message.length) throw new RangeError('the message is cut off')
    at += length
    return message.subarray(at - length, at)
  }
  while (at < message.length) {
    const tag = Number(varint())
    const number = tag >>> 3
    switch (tag & 7) {
      case 0:
        yield { number, value: varint(), bytes: none }
        break
      case 1:
        yield { number, value: 0n, bytes: take(8) }
        break
      case 2:
        yield { number, value: 0n, bytes: take(Number(varint())) }
        break
      case 5:
        yield { number, value: 0n, bytes: take(4) }
        break
      default:
        throw new RangeError('an unknown kind of field')
    }
  }
}

const fieldOf = (message: Buffer, number: number): Field | undefined =>
  [...fieldsOf(message)].findLast((field) => field.number === number)

/** Undefined when everything was taken without a word. @throws RangeError, SyntaxError when the answer is none */
export function readPartialSuccess(body: Buffer, json: boolean): PartialSuccess | undefined {
  if (json) return readJson(body.toString())
  const partial = fieldOf(body, 1)?.bytes
  if (partial === undefined) return undefined
  const rejected = Number(BigInt.asIntN(64, fieldOf(partial, 1)?.value ?? 0n))
  return { rejected, message: fieldOf(partial, 2)?.bytes.toString() ?? '' }
}

function readJson(text: string): PartialSuccess | undefined {
  if (text.trim() === '') return undefined
  const parsed: unknown = JSON.parse(text)
  const partial =
    typeof parsed === 'object' && parsed !== null && 'partialSuccess' in parsed
      ? parsed.partialSuccess
      : undefined
  if (typeof partial !== 'object' || partial === null) return undefined
  const { rejectedLogRecords = 0, errorMessage = '' } = partial as Readonly<Record<string, unknown>>
  return { rejected: Number(rejectedLogRecords), message: String(errorMessage) }
}

/** The message of a `google.rpc.Status`; undefined when it is none. */
export function readStatusMessage(body: Buffer): string | undefined {
  try {
    return fieldOf(body, 2)?.bytes.toString()
  } catch {
    return undefined
  }
}

const RETRY_INFO = 'type.googleapis.com/google.rpc.RetryInfo'

/** Milliseconds that a `google.rpc.Status` asks to wait for; undefined where it has no `RetryInfo`. */
export function readRetryInfo(status: Buffer): number | undefined {
  try {
    for (const { number, bytes } of fieldsOf(status)) {
      if (number !== 3 || fieldOf(bytes, 1)?.bytes.toString() !== RETRY_INFO) continue
      const delay = fieldOf(fieldOf(bytes, 2)?.bytes ?? none, 1)?.bytes ?? none
      const seconds = Number(BigInt.asIntN(64, fieldOf(delay, 1)?.value ?? 0n))
      const nanos = Number(BigInt.asIntN(64, fieldOf(delay, 2)?.value ?? 0n))
      return Math.max(0, seconds * 1000 + nanos / 1_000_000)
    }
  } catch {
    // A status that cannot be read asks for nothing.
  }
  return undefined
}
