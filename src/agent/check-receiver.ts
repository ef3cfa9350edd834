/** What a receiver names that lives elsewhere: a preset, a mapping, a condition, a time zone. */
import { nearest } from '../cel/nearest.ts'
import type { Finding, Path } from '../config/problem.ts'
import { isZone } from '../normalise/compile/zone.ts'
import { parseMapping } from '../normalise/mapping/parse-mapping.ts'
import { findPreset, presetChoices } from '../normalise/presets.ts'
import { checkRedact } from './check-redact.ts'
import type { ReceiverConfig } from './component-configs.ts'
import { conditionFaults } from './condition-faults.ts'

/** `named`: a preset was written down, and is not the default. */
export function checkReceiver(path: Path, config: ReceiverConfig, named: boolean): Finding[] {
  const error = (at: Path, message: string): Finding => ({
    severity: 'error',
    path: [...path, ...at],
    at: 'value',
    message,
  })
  const findings: Finding[] = []
  const { preset, mapping } = config
  const select = 'select' in config ? config.select : undefined
  const known = presetChoices()
  if (preset !== undefined && !known.includes(preset)) {
    const guess = nearest(preset, known)
    const fix = guess === undefined ? '' : ` Did you mean "${guess}"?`
    findings.push(
      error(['preset'], `there is no preset "${preset}".${fix} \`affiant presets list\` names them all`),
    )
  }
  if (mapping !== undefined) {
    if (named) {
      const instead =
        preset === 'auto' ? 'take one of the two away' : `write \`extends: ${preset}\` in the mapping`
      findings.push(error(['preset'], `has no effect beside \`mapping\`: ${instead}`))
    }
    if (typeof mapping === 'string')
      return [
        ...findings,
        error(['mapping'], 'the mapping itself belongs here, below this line, and no file'),
      ]
    const { problems = [] } = parseMapping(mapping, findPreset)
    for (const problem of problems) findings.push(error(['mapping', ...problem.path], problem.message))
  }
  if (config.type === 'kubernetes') {
    for (const [name, named] of Object.entries(config.mappings)) {
      if (known.includes(name)) {
        findings.push(error(['mappings', name], 'is the name of a preset: a mapping needs another one'))
      }
      const { problems = [] } = parseMapping(named, findPreset)
      for (const problem of problems)
        findings.push(error(['mappings', name, ...problem.path], problem.message))
    }
  }
  if (select !== undefined)
    findings.push(...conditionFaults(select, { record: true }).map((fault) => error(['select'], fault)))
  if (config.zone !== undefined && !isZone(config.zone))
    findings.push(error(['zone'], `"${config.zone}" is no IANA time zone, as in Europe/Berlin`))
  if ('delete_after' in config && config.delete_after === 'delivered' && config.start_at === 'end')
    findings.push(
      error(
        ['delete_after'],
        'would delete what `start_at: end` never reads: use `start_at: beginning`, or leave files where they are',
      ),
    )
  findings.push(...checkRedact([...path, 'redact'], config.redact))
  return findings
}
