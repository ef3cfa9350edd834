/** A table of one route that takes everything, for tests that are not about routes. */
import { createRouteTable } from '../../src/agent/routes.ts'
import { RoutesInUse } from '../../src/agent/routes-in-use.ts'

export const oneRoute = (): RoutesInUse =>
  new RoutesInUse(createRouteTable([{ name: 'all', to: ['out'], continue: false }], ['out'], 'nowhere'))
