import { expect, test } from 'vitest'
import { Held, type Part } from '../../../src/receivers/syslog/held.ts'

/** Connections `names` that write what they are told to `said`, each waiting for its sender. */
function connections(limit: number, names: readonly string[]) {
  const said: string[] = []
  const held = new Held(limit)
  const parts = Object.fromEntries(
    names.map((name) => {
      const tell = (what: string) => () => void said.push(`${name} ${what}`)
      const reader = { pause: tell('pauses'), resume: tell('is read'), giveUp: tell('is given up') }
      return [name, held.part(reader)]
    }),
  )
  const part = (name: string): Part => parts[name]!
  for (const name of names) part(name).wait()
  said.length = 0
  return { part, heard: () => said.splice(0) }
}

test('at the limit nobody is read, until there is room', () => {
  const { part, heard } = connections(100, ['a', 'b', 'c'])
  part('a').work()
  part('a').bytes = 99
  expect(heard()).toEqual([])
  part('a').bytes = 100
  expect(heard()).toEqual(['b pauses', 'c pauses'])
  part('b').work()
  part('b').bytes = 50
  part('b').wait()
  expect(heard()).toEqual([])
  expect(part('b').isReading).toBe(false)
  part('a').bytes = 0
  expect(heard()).toEqual(['b is read', 'c is read'])
  expect(part('b').isReading).toBe(true)
  part('a').wait()
  expect(heard()).toEqual(['a is read'])
})

test('where nobody works who could make room, the message that has stood still for longest is given up', () => {
  const { part, heard } = connections(100, ['a', 'b', 'c', 'd'])
  const come = (name: string, bytes: number) => {
    part(name).work()
    part(name).bytes += bytes
    part(name).wait()
  }
  come('c', 30)
  come('b', 30)
  come('c', 10)
  part('a').work()
  part('a').bytes = 30
  expect(heard().filter((text) => text.includes('given up'))).toEqual([])
  part('a').wait()
  expect(heard()).toContain('b is given up')
  // It is being committed, which makes room.
  come('d', 0)
  expect(heard()).toEqual([])
  part('b').leave()
  expect(heard()).toEqual(['a is read', 'c is read', 'd is read'])
})

test('one after the other is given up while there is no room', () => {
  const { part, heard } = connections(10, ['a', 'b', 'c'])
  for (const name of ['a', 'b', 'c']) part(name).work()
  for (const name of ['a', 'b', 'c']) part(name).bytes = 10
  for (const name of ['a', 'b', 'c']) part(name).wait()
  expect(heard()).toEqual(['a is given up'])
  part('a').leave()
  expect(heard()).toEqual(['b is given up'])
  part('b').leave()
  expect(heard()).toEqual(['c is given up'])
  part('c').leave()
  expect(heard()).toEqual([])
})
