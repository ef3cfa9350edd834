import { expect, test } from 'vitest'
import { compileCompleteness, requirementProblem } from '../../src/attribution/completeness.ts'

const of = compileCompleteness({
  default: ['actor.id', 'action', 'targets', 'outcome.result'],
  authentication: ['actor.id'],
})

test.each<[{ category?: string } & Record<string, unknown>, string[] | undefined]>([
  [{ action: 'a', actor: { id: 'u' }, outcome: { result: 'success' }, targets: [{ id: 't' }] }, undefined],
  [
    { action: 'unknown', actor: { type: 'unknown' }, outcome: { result: 'unknown' } },
    ['actor.id', 'action', 'targets', 'outcome.result'],
  ],
  [{ category: 'authentication', actor: { id: 'u' } }, undefined],
  [
    { category: 'data', action: 'a', actor: { id: 'u' }, outcome: { result: 'denied' }, targets: [] },
    ['targets'],
  ],
])('%j lacks %j', (event, missing) => {
  expect(of(event)).toEqual(missing === undefined ? { complete: true } : { complete: false, missing })
})

test('names that no record can fill are refused', () => {
  for (const name of ['actor.id', 'targets', 'targets.id', 'scope.type', 'metadata.team', 'changes.old.x']) {
    expect(requirementProblem(name), name).toBeUndefined()
  }
  expect(requirementProblem('actor.idd')).toBe(
    '"actor.idd" is no member that a record can fill. Did you mean actor.id?',
  )
  expect(requirementProblem('targets.nam')).toMatch(/Did you mean targets\.name\?$/)
  expect(requirementProblem('actr.id')).toMatch(/no member/)
})
