/**
 * `preset: auto`: which preset reads these records. Every record is given to the preset whose `detect` is surest
 * of it; the preset with the most records has them all, so that a log with other lines in between is still
 * read as what it is. The same records always give the same preset.
 */

import { maxRecordDepth } from '../decode/json.ts'
import { readablePart } from '../decode/leave-out.ts'
import { Problems } from '../mapping/context.ts'
import { parseDetect } from '../mapping/parse-detect.ts'
import { findPreset, presetNames } from '../presets.ts'
import { closeJson } from './cut-json.ts'
import { compileRecogniser, type Recogniser } from './recogniser.ts'

export interface Detection {
  readonly preset: string
  /** False where no preset knows the records, and they are read as JSON with the usual names, or as text. */
  readonly recognised: boolean
}

/** @param records decoded objects, or texts as they were written; the last one may be cut off */
export function detectPreset(records: Iterable<string | object>): Detection {
  const votes = new Map<string, number>()
  let json = 0
  let count = 0
  for (const given of records) {
    const record = typeof given === 'string' ? parsed(given) : given
    const text = typeof given === 'string' ? given : ''
    count++
    if (record !== undefined) json++
    const preset = recognise(text, record)
    if (preset !== undefined) votes.set(preset, (votes.get(preset) ?? 0) + 1)
  }
  const [first] = [...votes].toSorted(([, a], [, b]) => b - a)
  if (first !== undefined) return { preset: first[0], recognised: true }
  return { preset: json > 0 && json * 2 >= count ? 'json' : 'plain', recognised: false }
}

/** Of two that are equally sure the first by name. */
function recognise(text: string, record: unknown): string | undefined {
  let best: string | undefined
  let most = 0
  for (const [preset, recogniser] of recognisers()) {
    const met = recogniser(text, record)
    if (met > most) {
      best = preset
      most = met
    }
  }
  return best
}

let all: readonly (readonly [string, Recogniser])[] | undefined

function recognisers(): NonNullable<typeof all> {
  all ??= presetNames().flatMap((name) => {
    const rules = parseDetect(findPreset(name)?.detect, new Problems())
    return rules.length === 0 ? [] : [[name, compileRecogniser(rules)] as const]
  })
  return all
}

/** Characters that are looked at of what cannot be read. */
const longestHead = 64 * 1024

/** An object, or the first in a list. */
function parsed(given: string): object | undefined {
  const readable = readablePart(given, maxRecordDepth)
  const text = readable.ok ? readable.text : given.slice(0, longestHead)
  const whole = parseJson(text)
  const value = whole === undefined ? parseJson(closeJson(text)) : whole
  return Array.isArray(value) ? value.find(isObject) : isObject(value) ? value : undefined
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function parseJson(text: string | undefined): unknown {
  if (text === undefined) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
