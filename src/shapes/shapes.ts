/** All shapes by name. */
import { affiant } from './affiant.ts'
import { cloudevents } from './cloudevents.ts'
import { ecs } from './ecs/ecs.ts'
import { ocsf, ocsf19 } from './ocsf/ocsf.ts'
import { otlp } from './otlp/otlp.ts'
import { type Shape, type ShapeName, shapeNames } from './shape.ts'

export const shapes: Readonly<Record<ShapeName, Shape>> = {
  affiant,
  ocsf,
  ocsf_1_9: ocsf19,
  ecs,
  otlp,
  cloudevents,
}

/** The shape of a document, where one says so by its members. */
export function recognise(document: unknown): Shape | undefined {
  if (typeof document !== 'object' || document === null) return undefined
  // A batch of CloudEvents.
  if (Array.isArray(document)) return document.length > 0 ? recognise(document[0]) : undefined
  const members = document as Readonly<Record<string, unknown>>
  return shapeNames.map((name) => shapes[name]).find((shape) => shape.recognises(members))
}
