import { expect, test } from 'vitest'
import type { RouteSpec } from '../../src/routing/route.ts'
import { renderRouteTable, sinkMask } from '../../src/routing/table.ts'

const routes: RouteSpec[] = [
  { name: 'noise', from: ['app'], when: 'true', to: [], drop: 'probes', continue: false },
  ...Array.from({ length: 40 }, (_, index) => ({
    name: `r${index}`,
    to: index % 2 === 0 ? ['lake'] : ['siem', 'lake'],
    continue: true,
  })),
]

test('the table is canonical: the same routes give the same bytes', () => {
  expect(renderRouteTable(routes.slice(0, 2))).toBe(
    '[{"continue":false,"drop":"probes","from":["app"],"name":"noise","to":[],"when":"true"},{"continue":true,"name":"r0","to":["lake"]}]',
  )
  const reordered = routes.map(({ name, to, continue: goesOn, ...others }) => ({
    continue: goesOn,
    to,
    ...others,
    name,
  }))
  expect(renderRouteTable(reordered)).toBe(renderRouteTable(routes))
})

test("a sink's mask has the bits of the routes that name it", () => {
  const bits = (mask: Uint32Array) =>
    routes.flatMap((_, index) => ((mask[index >>> 5]! >>> (index & 31)) & 1 ? [index] : []))
  expect(bits(sinkMask(routes, 'lake'))).toEqual(Array.from({ length: 40 }, (_, index) => index + 1))
  expect(bits(sinkMask(routes, 'siem'))).toEqual(Array.from({ length: 20 }, (_, index) => 2 * index + 2))
  expect(sinkMask(routes, 'none')).toEqual(new Uint32Array(2))
  expect(sinkMask([], 'none')).toEqual(new Uint32Array(1))
})
