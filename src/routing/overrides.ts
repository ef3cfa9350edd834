/** What routes set for a sink: an index, a token by its name, a header. Rendered for each event as it is sent. */
import { compileTemplate, type Template } from '../cel/template.ts'
import { eventVariables } from './event-variables.ts'
import type { RouteSpec } from './route.ts'

/** Option → text, as in `index` or `headers.x-team`. */
export type Overrides = Readonly<Record<string, string>>

export interface SinkOverrides {
  /**
   * What the matched routes (words `routes[at]` and on) set for an event: each difference once, never empty. Two routes that
   * set different things send it twice.
   */
  variants(
    routes: Uint32Array,
    at: number,
    view: { readonly event: Readonly<Record<string, unknown>> },
  ): readonly (Overrides | undefined)[]
}

interface Step {
  readonly word: number
  readonly bit: number
  /** Sorted by option, so that equal ones compare equal. */
  readonly templates: readonly (readonly [option: string, template: Template])[]
}

const nothing: readonly undefined[] = [undefined]

/**
 * Undefined where no route to `sink` sets anything.
 * @throws CelError for a template that is wrong
 */
export function compileOverrides(routes: readonly RouteSpec[], sink: string): SinkOverrides | undefined {
  if (!routes.some(({ override }) => override?.[sink] !== undefined)) return undefined
  const steps = routes.flatMap(({ to, override }, index): Step[] => {
    if (!to.includes(sink)) return []
    const templates = Object.entries(override?.[sink] ?? {})
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([option, source]): [string, Template] => [option, compileTemplate(source, eventVariables)])
    return [{ word: index >>> 5, bit: 1 << (index & 31), templates }]
  })

  return {
    variants(routes, at, { event }) {
      const found = new Map<string, Overrides | undefined>()
      for (const { word, bit, templates } of steps) {
        if (((routes[at + word] ?? 0) & bit) === 0) continue
        const set = render(templates, event)
        found.set(set === undefined ? '' : JSON.stringify(set), set)
      }
      return found.size === 0 ? nothing : [...found.values()]
    },
  }
}

/** A template without a value for this event sets nothing: the sink's own option holds. */
function render(
  templates: Step['templates'],
  event: Readonly<Record<string, unknown>>,
): Overrides | undefined {
  const set: Record<string, string> = {}
  let some = false
  for (const [option, template] of templates) {
    const value = template(event)
    if (value === undefined) continue
    set[option] = value
    some = true
  }
  return some ? set : undefined
}
