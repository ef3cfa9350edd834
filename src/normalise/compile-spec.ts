/** A specification's mapping, read and checked. */
import { AffiantError } from '../errors.ts'
import type { NormaliserSpec } from './contract.ts'
import type { Mapping } from './mapping/mapping.ts'
import { parseMapping } from './mapping/parse-mapping.ts'
import { formatPath } from './mapping/path.ts'
import { findPreset, presetNames } from './presets.ts'

/** Of presets, which stay as they are: each is asked for by whoever joins, decodes and maps. */
const ofPresets = new Map<string, Mapping>()

/** @throws AffiantError `config_invalid` that lists every problem with its path inside the mapping */
export function readMapping(spec: NormaliserSpec['mapping']): Mapping {
  if (!('preset' in spec)) return checkedMapping(spec)
  const mapping = ofPresets.get(spec.preset) ?? checkedMapping(spec)
  ofPresets.set(spec.preset, mapping)
  return mapping
}

function checkedMapping(spec: NormaliserSpec['mapping']): Mapping {
  const raw = 'preset' in spec ? findPreset(spec.preset) : spec.inline
  if (raw === undefined && 'preset' in spec) {
    throw new AffiantError('config_invalid', `there is no preset ${JSON.stringify(spec.preset)}`, {
      hint: `one of ${presetNames().join(', ')}`,
    })
  }
  const { mapping, problems } = parseMapping(raw, findPreset)
  if (mapping !== undefined) return mapping
  const lines = problems.map(({ path, message }) => `${formatPath(path)}: ${message}`)
  throw new AffiantError('config_invalid', `the mapping is not valid\n  ${lines.join('\n  ')}`)
}
