/** From names with values (columns of a row, parts of a path) to members: what `set` of an enricher says. */
import type { Addition, Additions } from './contract.ts'
import { type Fit, memberFit } from './member.ts'

/** Name by member. `scope.<type>` is the level of the scope with that type, of which the value is the id. */
export type SetSpec = Readonly<Record<string, string>>

const scopeMember = /^scope\.[^.]+$/

/** Whether `set` may name the member. */
export const isSettable = (member: string): boolean =>
  scopeMember.test(member) || memberFit(member) !== undefined

/** What the members are once they are set: all levels of the scope are one. */
export const membersSet = (set: SetSpec): readonly string[] => [
  ...new Set(Object.keys(set).map((member) => (scopeMember.test(member) ? 'scope' : member))),
]

/**
 * @param separator what parts the elements of a list that is written as one text
 * @param misfit told of a value that its member does not take; when it returns, the member is not set
 */
export function compileSetter(
  set: SetSpec,
  separator: string,
  misfit: (member: string, name: string, value: unknown) => void,
): (named: (name: string) => unknown) => Additions {
  const levels = Object.entries(set).flatMap(([member, name]) =>
    scopeMember.test(member) ? [{ member, name, type: member.slice('scope.'.length) }] : [],
  )
  const others = Object.entries(set).flatMap(([member, name]) => {
    const fitting = scopeMember.test(member) ? undefined : memberFit(member, separator)
    return fitting === undefined ? [] : [{ member, name, path: member.split('.'), fitting: once(fitting) }]
  })
  const fitText = memberFit('actor.id')!
  return (named) => {
    const scope = levels.flatMap(({ member, name, type }) => {
      const given = named(name)
      const id = given === undefined ? undefined : fitText(given)
      if (given !== undefined && id === undefined) misfit(member, name, given)
      return id === undefined ? [] : [Object.freeze({ id, type })]
    })
    const additions = others.flatMap(({ member, name, path, fitting }): Addition[] => {
      const given = named(name)
      if (given === undefined) return []
      const value = fitting(given)
      if (value === undefined) misfit(member, name, given)
      return value === undefined ? [] : [{ member, path, value }]
    })
    return scope.length === 0 ? additions : [{ member: 'scope', path: ['scope'], value: scope }, ...additions]
  }
}

/** Rows of a table often say the same: so many of a member's texts are made to fit only once. */
const mostKnown = 1024

function once(fitting: Fit): Fit {
  const known = new Map<unknown, unknown>()
  return (given) => {
    if (typeof given !== 'string') return fitting(given)
    if (known.has(given)) return known.get(given)
    const value = fitting(given)
    if (known.size < mostKnown) known.set(given, value)
    return value
  }
}
