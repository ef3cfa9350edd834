/** What a pod's annotations say of how its records are read. */
import type { Pod } from './pods/pod.ts'

/** `affiant.dev/preset` for all containers, `affiant.dev/preset.<container>` for one. */
const preset = 'affiant.dev/preset'
const mapping = 'affiant.dev/mapping'

export const isReadingAnnotation = (name: string): boolean =>
  [preset, mapping].some((key) => name === key || name.startsWith(`${key}.`))

export interface NamedReading {
  readonly annotation: string
  readonly kind: 'preset' | 'mapping'
  readonly name: string
}

/** What is said of one container counts before what is said of all, and a mapping before a preset. */
export function namedReading({ annotations }: Pod, container: string): NamedReading | undefined {
  for (const suffix of [`.${container}`, '']) {
    for (const [key, kind] of [
      [mapping, 'mapping'],
      [preset, 'preset'],
    ] as const) {
      const annotation = `${key}${suffix}`
      const name = annotations[annotation]
      if (name !== undefined && name !== '') return { annotation, kind, name }
    }
  }
  return undefined
}
