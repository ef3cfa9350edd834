/**
 * Generates the code that takes an address, and with it the port that stood behind it, or the list of which it was the
 * first: those go to their members, where the mapping has nothing for them.
 */
import type { Mapping } from '../mapping/mapping.ts'
import { createAddressReader } from './address.ts'
import type { Program } from './program.ts'
import { variablesOf } from './variables-of.ts'

/** In the order in which `isTold` asks for them. */
const besides = [
  { target: 'source.port', part: 'port' },
  { target: 'source.ip_chain', part: 'chain' },
] as const

/** The members that an address may bring along. One whose own value asks for the address comes after it, and is left alone. */
export function membersBesides(program: Program): readonly string[] {
  return besides.flatMap(({ target }) => (asksForAddress(program.mapping, target) ? [] : target))
}

export function emitAddress(
  program: Program,
  value: string,
  place: string,
): { expression: string; taken: string; whole: string } {
  const reader = program.constant(createAddressReader())
  const targets = membersBesides(program)
  const names = besides.map(({ target }) => (targets.includes(target) ? program.variable(target) : undefined))
  const given = besides.map(({ target, part }, i) => {
    const name = names[i]
    if (name === undefined) return ''
    const explained = program.explain({ target }, place, name)
    return `if (${name} === undefined && ${reader}.${part} !== undefined) { ${name} = ${reader}.${part}; ${explained} }`
  })
  return {
    expression: `${reader}.read(${value})`,
    taken: given.join(' '),
    whole: `${reader}.isTold(${names.map(String).join(', ')})`,
  }
}

function asksForAddress({ targets, variables }: Mapping, target: string): boolean {
  const seen = new Set<string>()
  const visit = (name: string): boolean => {
    if (name === 'source.ip') return true
    if (seen.has(name)) return false
    seen.add(name)
    const own = Object.hasOwn(variables, name) ? variables[name] : undefined
    return variablesOf(own ?? targets[name] ?? []).some(visit)
  }
  return visit(target)
}
