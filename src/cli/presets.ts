/** `affiant presets list|show`: the mappings that come with Affiant. */
import { findPreset, presetNames, presetText } from '../normalise/presets.ts'
import { unknownMapping } from './mapping-file.ts'
import { renderTable } from './table.ts'

interface Listed {
  readonly name: string
  readonly version: string
  readonly reads: string
}

export function listPresets({ json }: { readonly json: boolean }): string {
  const named = presetNames().map((name): Listed => {
    const { version, description } = findPreset(name)!
    return { name, version: String(version), reads: String(description) }
  })
  const auto = { name: 'auto', version: '', reads: "What each file's first records are recognised as" }
  const presets = [...named, auto]
  if (json) return `${JSON.stringify(presets, null, 2)}\n`
  return renderTable(
    [
      { title: 'preset', right: false, cell: ({ name }) => name },
      { title: 'version', right: true, cell: ({ version }) => version },
      { title: 'reads', right: false, cell: ({ reads }) => reads },
    ],
    presets,
  )
}

/** @throws AffiantError usage for a name that no preset has */
export function showPreset(name: string): string {
  const text = presetText(name)
  if (text === undefined) throw unknownMapping(name)
  return text
}
