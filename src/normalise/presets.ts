/** Presets: mappings that come with Affiant, as YAML files in the language that users write. */
import { readdirSync, readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { ownFile } from '../own-files.ts'

const folder = ownFile('normalise/presets/')

type Raw = Readonly<Record<string, unknown>>

let names: readonly string[] | undefined
const found = new Map<string, Raw>()

/** All names, sorted. */
export function presetNames(): readonly string[] {
  names ??= readdirSync(folder)
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => file.slice(0, -'.yaml'.length))
    .toSorted()
  return names
}

/** What `preset:` takes: a name, or `auto` for the preset that each stream's first records are of. */
export function presetChoices(): readonly string[] {
  return ['auto', ...presetNames()]
}

/** The file of a preset, comments included, or undefined when there is none of this name. */
export function presetText(name: string): string | undefined {
  return presetNames().includes(name) ? readFileSync(new URL(`${name}.yaml`, folder), 'utf8') : undefined
}

/** A preset as it is written, or undefined when there is none of this name. */
export function findPreset(name: string): Raw | undefined {
  let preset = found.get(name)
  if (preset === undefined) {
    const text = presetText(name)
    if (text === undefined) return undefined
    const parsed: unknown = parse(text)
    if (typeof parsed !== 'object' || parsed === null) throw new TypeError(`the preset ${name} is no mapping`)
    preset = { ...parsed }
    found.set(name, preset)
  }
  return preset
}
