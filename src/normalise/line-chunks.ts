/** A chunk of lines, or of records framed from lines, becomes a batch of events. */
import { isUtf8 } from 'node:buffer'
import { generationWords, recordId, recordIds } from '../event/id.ts'
import type { LineChunk, StreamContext } from '../event/record.ts'
import type { BatchEncoder } from './batch-encoder.ts'
import type { EventDraft } from './compile/state.ts'
import type { NormalisedBatch, NormaliserSpec } from './contract.ts'
import { createDecoder } from './decode/decoders.ts'
import { framedRecords, type LineText, lineChecksums, lineTexts, splitLines } from './decode/lines.ts'
import { detectedPreset } from './detected-preset.ts'
import type { EventMaker } from './event-maker.ts'
import type { Mapping } from './mapping/mapping.ts'
import { noWarnings, type Origin } from './origin.ts'
import type { ShortWay } from './short-way.ts'
import { lineFacts } from './stencil/line-facts.ts'
import type { RecordStencils } from './stencil/record-stencils.ts'
import type { Stencils } from './stencil/stencils.ts'

export function createLineNormaliser(
  spec: NormaliserSpec,
  mapping: Mapping,
  maker: EventMaker,
  stencils: Stencils | undefined,
  recordStencils?: RecordStencils,
): (chunk: LineChunk) => NormalisedBatch {
  const agent = spec.agent.id
  const { receiver } = spec
  const preset = detectedPreset(spec)
  const { writer } = maker
  const { decode } = createDecoder(mapping.decode)
  const hasShortWay = stencils !== undefined || recordStencils !== undefined
  const linesAreRecords = stencils !== undefined

  function provenanceOf(
    stream: string,
    offset: number,
    length: number,
    index: number | undefined,
  ): EventDraft['provenance'] {
    if (preset !== undefined) {
      return { agent, ...(index === undefined ? {} : { index }), length, offset, ...preset, receiver, stream }
    }
    return index === undefined
      ? { agent, length, offset, receiver, stream }
      : { agent, index, length, offset, receiver, stream }
  }

  function addOversize(
    batch: BatchEncoder,
    chunk: LineChunk,
    whole: { readonly size: number; readonly sha256: string },
  ): void {
    const { stream, frames } = chunk
    const offset = frames?.offsets[0] ?? chunk.offset
    const length = frames?.lengths[0] ?? whole.size
    const checksum = Number.parseInt(whole.sha256.slice(0, 8), 16)
    const origin: Origin = {
      stream,
      warnings: warningsOf(stream, frames?.warnings?.[0]),
      container: frames?.containers?.[0],
      raw: () => chunk.bytes,
      provenance: (index) => provenanceOf(stream.id, offset, length, index),
      id: () => recordId(generationWords(stream.id), offset, checksum, 0),
    }
    maker.addOversize(batch, { head: chunk.bytes, whole, origin })
  }

  /** Of the records of one line. */
  function shortWay(
    records: RecordStencils,
    line: number,
    offset: number,
    extent: number,
    idAt: (subIndex: number) => string,
  ): ShortWay {
    let isTried = false
    return {
      write(record, index) {
        // A line that is one JSON record has been looked at as it stands.
        isTried = !linesAreRecords || index !== undefined
        if (!isTried) return undefined
        const from = writer.at
        const id = (index ?? 0) > 0 ? idAt(index!) : undefined
        const place = { line, offset, extent, index, id }
        const stencil = records.write(record, place, writer)
        return stencil && { from, incomplete: stencil.incomplete }
      },
      learn() {
        if (isTried) records.learn()
      },
    }
  }

  return (chunk) => {
    const { batch, observedTime } = maker.begin(chunk.observed)
    if (chunk.oversize !== undefined) {
      addOversize(batch, chunk, chunk.oversize)
      return batch.finish(chunk.observed)
    }
    const stream = chunk.stream.id
    const generation = generationWords(stream)
    const { frames } = chunk
    const found = frames === undefined ? splitLines(chunk.bytes, chunk.offset === 0) : framedRecords(frames)
    const { count, starts, ends } = found
    const checksums = lineChecksums(chunk.bytes, found)
    // Not decoded before the first line that needs it.
    let textOf: LineText | undefined
    const ids =
      frames === undefined
        ? recordIds(generation, chunk.offset, starts, checksums)
        : recordIds(generation, 0, frames.offsets, checksums)
    // What a runtime said of a line is in no stencil.
    const short =
      hasShortWay &&
      frames?.containers === undefined &&
      chunk.stream.warnings === undefined &&
      isUtf8(chunk.bytes)
    const stencilled = short ? stencils : undefined
    const byFields = short ? recordStencils : undefined
    const facts = lineFacts(chunk, ids, observedTime)
    stencilled?.begin(chunk.stream)
    recordStencils?.begin(chunk, ids, observedTime)
    for (let i = 0; i < count; i++) {
      const start = starts[i]!
      const offset = frames === undefined ? chunk.offset + start : frames.offsets[i]!
      const length = frames === undefined ? ends[i]! - start : frames.lengths[i]!
      const framingWarnings = frames?.warnings?.[i]
      if (short && framingWarnings === undefined) {
        facts.start = start
        facts.length = ends[i]! - start
        facts.extent = length
        facts.idAt = 36 * i
        facts.offset = offset
        const from = writer.at
        const stencil = stencilled?.write(facts, writer) ?? byFields?.writeLine(facts, writer)
        if (stencil !== undefined) {
          maker.events.addStencilled(batch, { from, incomplete: stencil.incomplete })
          continue
        }
      }
      const idAt = (subIndex: number) =>
        subIndex === 0
          ? ids.substring(36 * i, 36 * i + 36)
          : recordId(generation, offset, checksums[i]!, subIndex)
      const origin: Origin = {
        stream: chunk.stream,
        warnings: warningsOf(chunk.stream, framingWarnings),
        container: frames?.containers?.[i],
        raw: () => chunk.bytes.subarray(start, ends[i]),
        provenance: (index) => provenanceOf(stream, offset, length, index),
        id: (subIndex, event) => (event.source_event_id === undefined ? idAt(subIndex) : undefined),
      }
      textOf ??= lineTexts(chunk.bytes, found)
      const text = textOf(i)
      if (text === undefined) {
        maker.addUnreadable(batch, origin, 'the line is not UTF-8')
        continue
      }
      const decoded = decode(text)
      if (!decoded.ok) {
        maker.addUnreadable(batch, origin, decoded.reason)
        continue
      }
      if (decoded.isHeader) {
        maker.events.skip(batch)
        continue
      }
      const { warnings, partial = false } = decoded
      const told =
        warnings.length === 0 && !partial
          ? origin
          : { ...origin, warnings: [...origin.warnings, ...warnings], partial }
      const plain = told === origin && origin.warnings.length === 0 && origin.container === undefined
      const shortOfRecords =
        plain && recordStencils !== undefined ? shortWay(recordStencils, i, offset, length, idAt) : undefined
      maker.addRecord(batch, decoded.value, told, shortOfRecords)
      if (origin.warnings.length === 0 && maker.isLearnable) stencilled?.learn(facts)
    }
    return batch.finish(chunk.observed)
  }
}

/** Of the record, behind those that all records of its stream have. */
function warningsOf({ warnings }: StreamContext, own: readonly string[] = noWarnings): readonly string[] {
  return warnings === undefined ? own : [...warnings, ...own]
}
