import { describe, expect, test } from 'vitest'
import { routesConfig } from '../../src/routing/config.ts'

describe('routes', () => {
  test('names one or many, and names itself', () => {
    expect(
      routesConfig.parse([
        { name: 'noise', from: ['app'], when: 'operation == "read"', drop: ' kubelet probes ' },
        { from: 'orders', to: 'lake', continue: true },
        { to: ['lake', 'siem'] },
      ]),
    ).toEqual([
      {
        name: 'noise',
        from: ['app'],
        when: 'operation == "read"',
        drop: 'kubelet probes',
        to: [],
        continue: false,
      },
      { name: 'route-2', from: ['orders'], to: ['lake'], continue: true },
      { name: 'route-3', to: ['lake', 'siem'], continue: false },
    ])
  })

  test.each([
    ['leads nowhere', [{ when: 'true' }], [0], /leads nowhere/],
    ['both', [{ to: 'lake', drop: 'why' }], [0, 'drop'], /cannot stand beside/],
    ['a drop without a reason', [{ drop: ' ' }], [0, 'drop'], /a reason/],
    ['a drop that goes on', [{ drop: 'why', continue: true }], [0, 'continue'], /does not continue/],
    ['no sinks', [{ to: [] }], [0, 'to'], /./],
    ['an unknown key', [{ to: 'lake', whne: 'true' }], [0], /Unrecognized key/],
    ['an empty condition', [{ to: 'lake', when: '' }], [0, 'when'], /./],
    ['a bad name', [{ to: 'lake', name: '-x' }], [0, 'name'], /a name of letters/],
  ])('%s is refused', (_, routes, path, message) => {
    const result = routesConfig.safeParse(routes)
    const issue = result.error?.issues.find(({ path: at }) => at.join('.') === path.join('.'))
    expect(issue?.message ?? JSON.stringify(result)).toMatch(message)
  })
})
