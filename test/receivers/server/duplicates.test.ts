import { describe, expect, test } from 'vitest'
import { systemClock } from '../../../src/clock.ts'
import { type Asked, AskedKeys } from '../../../src/receivers/server/asked-keys.ts'
import type { Claim, Verdict } from '../../../src/receivers/server/claim.ts'
import { Duplicates } from '../../../src/receivers/server/duplicates.ts'
import { KeysOfBytes, keyOf } from '../../../src/receivers/server/key-of.ts'
import { RecentMarks } from '../../../src/receivers/server/recent-marks.ts'
import { randomFrom, seed } from '../../seed.ts'

const asked = (key: string, content = 'a', otherwise: Asked['otherwise'] = 'keep'): Asked => ({
  key: keyOf([key]),
  content: keyOf([content]),
  otherwise,
})

const setUp = () => new Duplicates(new RecentMarks({ window: 60_000, most: 1000 }), systemClock)

const claimOf = (duplicates: Duplicates, list: readonly (Asked | undefined)[]): Promise<Claim> =>
  duplicates.claim(AskedKeys.of(list))

const verdictsOf = (claim: Claim): (Verdict | undefined)[] =>
  Array.from({ length: claim.asked.length }, (_, index) => claim.verdictAt(index))

async function kept(duplicates: Duplicates, one: Asked, seq: number): Promise<void> {
  const claim = await claimOf(duplicates, [one])
  claim.keep(0, seq)
  claim.release()
}

test('a key is the same from bytes', () => {
  const keys = new KeysOfBytes(['uuid', 'ü'], 3)
  const bytes = Buffer.from('.abcd')
  expect(keys.of(bytes, 1)).toBe(keyOf(['uuid', 'ü', 'abc']))
  expect(keys.of(bytes, 2)).toBe(keyOf(['uuid', 'ü', 'bcd']))
})

describe('a claim', () => {
  test('knows what was kept, by key and content', async () => {
    const duplicates = setUp()
    await kept(duplicates, asked('one'), 7)
    const claim = await claimOf(duplicates, [
      asked('one'),
      undefined,
      asked('two'),
      asked('one', 'b', 'refuse'),
    ])
    expect(verdictsOf(claim)).toEqual([
      { kind: 'known', seq: 7 },
      undefined,
      { kind: 'new', key: asked('two').key },
      { kind: 'other', key: undefined },
    ])
    claim.release()
  })

  test('forgets what was not kept', async () => {
    const duplicates = setUp()
    const first = await claimOf(duplicates, [asked('one')])
    first.release()
    first.release()
    const second = await claimOf(duplicates, [asked('one')])
    expect(verdictsOf(second)[0]?.kind).toBe('new')
  })

  test('another content under a known key is kept under one of its own, and known again', async () => {
    const duplicates = setUp()
    await kept(duplicates, asked('one'), 1)
    const claim = await claimOf(duplicates, [asked('one', 'b'), asked('one', 'b'), asked('one', 'c')])
    expect(verdictsOf(claim).map((verdict) => verdict?.kind)).toEqual(['other', 'twin', 'other'])
    claim.keep(0, 2)
    claim.release()
    const again = await claimOf(duplicates, [asked('one', 'b'), asked('one'), asked('one', 'c')])
    expect(verdictsOf(again)).toEqual([
      { kind: 'known', seq: 2 },
      { kind: 'known', seq: 1 },
      { kind: 'other', key: expect.any(String) },
    ])
    again.release()
  })

  test('one key twice in a request is one, or a conflict', async () => {
    const claim = await claimOf(setUp(), [
      asked('one'),
      asked('one'),
      asked('one', 'b'),
      asked('one', 'b', 'refuse'),
    ])
    expect(verdictsOf(claim)).toEqual([
      { kind: 'new', key: asked('one').key },
      { kind: 'twin', of: 0 },
      { kind: 'other', key: expect.any(String), before: 0 },
      { kind: 'other', key: undefined, before: 0 },
    ])
  })

  test.each([true, false])(
    'waits for who has the key, and hears what came of it (kept: %s)',
    async (keeps) => {
      const duplicates = setUp()
      const first = await claimOf(duplicates, [asked('one')])
      let heard = false
      const second = claimOf(duplicates, [asked('two'), asked('one')]).then((claim) => {
        heard = true
        return claim
      })
      // Whoever waits has nothing that others would have to wait for.
      const third = await claimOf(duplicates, [asked('two')])
      third.release()
      expect(heard).toBe(false)
      if (keeps) first.keep(0, 3)
      first.release()
      const verdicts = verdictsOf(await second)
      expect(verdicts[1]).toEqual(keeps ? { kind: 'known', seq: 3 } : { kind: 'new', key: asked('one').key })
    },
  )

  test('requests that overlap in every way all end, and each key is kept once', async () => {
    const duplicates = setUp()
    const random = randomFrom(seed)
    const keptBy = new Map<string, number>()
    async function request(n: number): Promise<void> {
      const keys = Array.from({ length: 6 }, () => `key ${Math.floor(random() * 20)}`)
      const claim = await claimOf(
        duplicates,
        keys.map((key) => asked(key)),
      )
      await new Promise(setImmediate)
      try {
        if (random() < 0.3) return
        for (const [index, verdict] of verdictsOf(claim).entries()) {
          if (verdict?.kind !== 'new') continue
          keptBy.set(verdict.key, (keptBy.get(verdict.key) ?? 0) + 1)
          claim.keep(index, n)
        }
      } finally {
        claim.release()
      }
    }
    await Promise.all(Array.from({ length: 200 }, (_, n) => request(n)))
    expect(
      [...keptBy.values()].every((times) => times === 1),
      `seed ${seed}`,
    ).toBe(true)
    expect(keptBy.size).toBe(20)
  })
})
