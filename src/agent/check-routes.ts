/** Routes against the receivers and sinks of the same configuration, however broken the rest of it is. */
import type { Finding } from '../config/problem.ts'
import { checkRoutes, type RoutedConfig } from '../routing/check.ts'
import { routesConfig } from '../routing/config.ts'
import type { RouteSpec } from '../routing/route.ts'
import { everythingEverywhere } from './config.ts'

interface WrittenRoutes extends Pick<RoutedConfig, 'receivers' | 'sinks' | 'overridable' | 'fallback'> {
  readonly written: unknown
}

export function checkRoutesOf({ written, ...others }: WrittenRoutes): Finding[] {
  const { sinks } = others
  const routes = written === undefined ? everythingEverywhere(sinks) : routesOf(written, sinks)
  return routes === undefined ? [] : checkRoutes({ routes, ...others })
}

function routesOf(written: unknown, sinks: readonly string[]): readonly RouteSpec[] | undefined {
  const whole = routesConfig.safeParse(written)
  if (whole.success) return whole.data
  if (!Array.isArray(written)) return undefined
  // An entry that its schema refuses may have meant anything: it counts as one that takes everything and lets
  // everything on, so that it causes no second complaint elsewhere.
  return written.map((entry: unknown, index): RouteSpec => {
    const name = `route-${index + 1}`
    const alone = routesConfig.safeParse([entry]).data?.[0]
    if (alone === undefined) return { name, to: sinks, continue: true }
    return alone.name === 'route-1' ? { ...alone, name } : alone
  })
}
