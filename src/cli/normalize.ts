/** `affiant normalize`: raw lines in, events out, with the normaliser that the agent uses. */
import { once } from 'node:events'
import type { Writable } from 'node:stream'
import { bareSpec } from '../agent/bare-spec.ts'
import { randomHashKey } from '../attribution/keyed-hash.ts'
import type { StreamContext } from '../event/record.ts'
import type { NormaliserSpec } from '../normalise/contract.ts'
import { detectPreset } from '../normalise/detect/detect-preset.ts'
import { joiningOf } from '../normalise/joining.ts'
import { compileNormaliser } from '../normalise/normaliser.ts'
import { batchLines } from './batch-lines.ts'
import { joinedLines } from './joined-lines.ts'
import { MissingMembers } from './missing-members.ts'
import { wholeInput } from './whole-input.ts'
import { type WholeLines, wholeLines } from './whole-lines.ts'

export interface NormalizeOptions {
  readonly mapping: NormaliserSpec['mapping']
  readonly input: AsyncIterable<Uint8Array>
  /** The input is one record, not one a line. @default false */
  readonly whole?: boolean
  /** Events, one JSON line each. */
  readonly output: Writable
  /** The summary. */
  readonly errors: Writable
  /** Unix milliseconds, for `observed_time`. @default Date.now */
  readonly now?: () => number
}

/** Bytes of the longest line that is read as a record, as in the agent's default. */
const maxRecord = 16 * 1024 * 1024
/** Bytes of an input that is read as one record: files of an export are larger than lines. */
const maxWhole = 256 * 1024 * 1024

/** The stream's id: there is no file behind it that could be read again. */
const standardInput: StreamContext = { id: '0'.repeat(32), receiver: 'stdin' }

/** @returns the exit code: 1 if any line could not be parsed. Throws for a mapping that is wrong. */
export async function normalizeLines(options: NormalizeOptions): Promise<0 | 1> {
  const { mapping, input, output, errors, whole = false, now = Date.now } = options
  let stream = standardInput
  const isAuto = 'preset' in mapping && mapping.preset === 'auto'
  // Of a run that keeps nothing: what it hashes compares only with itself.
  const normaliser = compileNormaliser(bareSpec(stream.receiver, mapping, [randomHashKey()]))
  const total = { records: 0, unparsed: 0, incomplete: 0 }
  const missing = new MissingMembers()
  let offset = 0

  // The input is one stream: what its first lines are of, all of it is.
  const joiningFor = (first: Uint8Array) => {
    const { preset } = isAuto ? detectPreset(linesOf(first)) : {}
    if (preset !== undefined) stream = { ...stream, preset }
    return whole ? undefined : joiningOf(preset === undefined ? mapping : { preset })
  }
  const chunks: AsyncIterable<WholeLines> = whole ? wholeInput(input, maxWhole) : wholeLines(input, maxRecord)
  for await (const { size, ...chunk } of joinedLines(chunks, joiningFor, maxRecord)) {
    const batch = normaliser.lines({ stream, ...chunk, offset, observed: now() })
    offset += size
    total.records += batch.records
    total.unparsed += batch.unparsed
    total.incomplete += batch.incomplete
    if (batch.incomplete > 0) missing.add(batch.payload)
    if (batch.count > 0 && !output.write(batchLines(batch))) await once(output, 'drain')
  }
  const { records, unparsed, incomplete } = total
  errors.write(
    `${records} records, ${unparsed} not parsed, ${incomplete} with incomplete attribution${incomplete > 0 ? ` (without ${missing.list()})` : ''}\n`,
  )
  return unparsed > 0 ? 1 : 0
}

/** Lines that are looked at. */
const lookedAt = 64

function linesOf(bytes: Uint8Array): string[] {
  const lines = Buffer.from(bytes).toString('utf8').split('\n', lookedAt)
  return lines.filter((line) => line.trim() !== '')
}
