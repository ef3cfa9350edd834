/** Rules as they are compiled, once for a receiver: places become states, patterns find, conditions choose. */
import type { Condition } from '../../cel/contract.ts'
import { type Bare, fieldCheck, findFields } from './key-forms.ts'
import { anywhere, parsePlace, type Step } from './path.ts'
import { isPartial, type RedactRule } from './rule.ts'
import { compilePartialRule, type PartialRule } from './scanner.ts'
import { compileStates, type Place, type WholeRule } from './states.ts'
import type { ActiveRules } from './walk.ts'

interface CompiledRule {
  readonly when: Condition | undefined
  /** In the event. */
  readonly places: readonly Place[]
  /** In a record. */
  readonly inRecord: readonly Place[]
  readonly otherwise: WholeRule | undefined
  /** Fields of the rule's names as a text writes them, and its patterns. */
  readonly inText: readonly PartialRule[]
}

export interface RulesForOne extends ActiveRules {
  /** For a text that no decoder has taken apart. */
  readonly inText: readonly PartialRule[]
}

export interface CompiledRules {
  /** Those that hold for this event. */
  activeFor(event: Readonly<Record<string, unknown>>): RulesForOne
  /** All of them, whatever their conditions: where there is no event to ask. */
  readonly all: RulesForOne
}

/** Sets of conditions that held, remembered with their rules. */
const maxRemembered = 256

/** @throws an error with its reason for a place, a pattern or a condition that is wrong */
export function compileRules(
  rules: readonly RedactRule[],
  compileWhen: (source: string) => Condition,
): CompiledRules {
  const mayHaveField = fieldCheck(rules.flatMap(({ key = [] }) => key))
  const compiled = rules.map((rule, order) => compileRule(rule, order, compileWhen, mayHaveField))
  const all = combine(compiled)
  if (compiled.every(({ when }) => when === undefined)) return { all, activeFor: () => all }
  const remembered = new Map<string, RulesForOne>()
  return {
    all,
    activeFor(event) {
      const holding = compiled.map(({ when }) => (when === undefined || when(event) ? '1' : '0')).join('')
      let active = remembered.get(holding)
      if (active === undefined) {
        active = combine(compiled.filter((_, i) => holding[i] === '1'))
        if (remembered.size >= maxRemembered) remembered.clear()
        remembered.set(holding, active)
      }
      return active
    },
  }
}

function combine(rules: readonly CompiledRule[]): RulesForOne {
  return {
    root: compileStates(rules.flatMap(({ places }) => places)),
    record: compileStates(rules.flatMap(({ inRecord }) => inRecord)),
    otherwise: rules.find(({ otherwise }) => otherwise !== undefined)?.otherwise,
    inText: rules.flatMap(({ inText }) => inText),
  }
}

function compileRule(
  rule: RedactRule,
  order: number,
  compileWhen: (source: string) => Condition,
  mayHaveField: (text: string) => boolean,
): CompiledRule {
  const { key = [], path = [], when, mode, method, length, name } = rule
  const condition = when === undefined ? undefined : compileWhen(when)
  const ofSecret = rule.secret === true ? { secret: true as const } : {}
  const whole = (what: string): WholeRule => ({ method, length, rule: name ?? what, order, ...ofSecret })
  if (mode === 'allow') {
    const steps = [...key.map(anywhere), ...path.map(stepsOf)]
    return {
      when: condition,
      places: steps.map((each) => ({ role: 'allow', steps: each })),
      inRecord: [],
      otherwise: whole('allow'),
      inText: [],
    }
  }
  if (isPartial(rule)) {
    const partial = compilePartialRule(rule)
    const steps = key.length + path.length === 0 ? [[]] : [...key.map(anywhere), ...path.map(stepsOf)]
    return {
      when: condition,
      places: steps.map((each) => ({ role: 'parts', rule: partial, steps: each })),
      // A record has other names than its event: there, a pattern holds everywhere.
      inRecord: [{ role: 'parts', rule: partial, steps: [] }],
      otherwise: undefined,
      inText: [partial],
    }
  }
  const fieldsOf = (bare: Bare) =>
    key.map(
      (each): PartialRule => ({
        // Of a field that is dropped, its name stays in a text.
        method: method === 'drop' ? 'mask' : method,
        length,
        ...ofSecret,
        areFields: true,
        finds: [{ rule: name ?? `key:${each.toLowerCase()}`, find: findFields([each], bare, mayHaveField) }],
      }),
    )
  const at = (rules: readonly PartialRule[], steps: readonly Step[]) =>
    rules.map((each): Place => ({ role: 'parts', rule: each, steps }))
  const byKey = key.map(
    (each): Place => ({ role: 'whole', rule: whole(`key:${each.toLowerCase()}`), steps: anywhere(each) }),
  )
  if (rule.secret === true) {
    // What its fields hold was replaced in the record: a member of the event that is called like one of them is another.
    const secrets = at(fieldsOf('parameter'), [])
    return {
      when: condition,
      places: secrets,
      inRecord: [...byKey, ...secrets],
      otherwise: undefined,
      inText: fieldsOf('parameter'),
    }
  }
  const fields = fieldsOf('field')
  const byPath = path.map(
    (each): Place => ({ role: 'whole', rule: whole(`path:${each}`), steps: stepsOf(each) }),
  )
  return {
    when: condition,
    places: [...byKey, ...byPath, ...at(fields, ['message']), ...at(fieldsOf('identifier'), [])],
    inRecord: [...byKey, ...at(fields, [])],
    otherwise: undefined,
    inText: fields,
  }
}

function stepsOf(path: string): readonly Step[] {
  const parsed = parsePlace(path)
  if ('problem' in parsed) throw new TypeError(parsed.problem)
  return parsed.steps
}
