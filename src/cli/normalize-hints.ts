/** What may be wrong with the way in which an input was read, for who tries it. */
import { isUtf8 } from 'node:buffer'
import type { Detection } from '../normalise/detect/detect-preset.ts'
import { looksPretty } from './pretty-json.ts'

export interface Counts {
  records: number
  unparsed: number
  incomplete: number
}

/** Of an input. */
export interface Reading {
  readonly name: string
  /** The beginning. */
  readonly head: Uint8Array
  readonly whole: boolean
  /** The one that was named; undefined for a mapping of one's own. */
  readonly preset: string | undefined
  /** What the first records look like. */
  readonly found: Detection | undefined
}

/** One line, or undefined where nothing strikes. */
export function hintOf({ name, head, whole, preset, found }: Reading, counts: Counts): string | undefined {
  const subject = name === '-' ? 'the standard input' : name
  const isAuto = preset === 'auto'
  if (counts.records === 0) return `${subject} has no line that is not blank`
  if (counts.unparsed > 0 && isBinary(head)) {
    return `${subject} is no text: is it a log? \`file\` tells what a file is`
  }
  if (!whole && (isAuto || counts.unparsed > 0) && looksPretty(Buffer.from(head).toString('utf8'))) {
    return (
      `${subject} looks like JSON written over several lines: --whole reads it as one document; ` +
      '`jq -c .` makes one line of each of several'
    )
  }
  const isOther = found?.recognised === true && found.preset !== preset
  if (preset !== undefined && !isAuto && isOther && counts.incomplete === counts.records) {
    return `no record of ${subject} says all that preset ${preset} looks for; the first ones look like preset ${found.preset}`
  }
  if (preset !== undefined && counts.unparsed === counts.records) {
    return `no record of ${subject} could be read as preset ${preset} has it: --preset auto tells what they look like`
  }
  return undefined
}

/** Text has no NUL; a character that is cut off at the end of what is looked at makes it no binary. */
const isBinary = (head: Uint8Array): boolean => head.includes(0) && !isUtf8(head.subarray(0, -4))
