/** What every shape is: an event as others write theirs, with the event itself carried along, and the way back. */

/** `ocsf` is OCSF 1.8; `ocsf_1_9` is 1.9, with its record integrity profile. */
export const shapeNames = ['affiant', 'ocsf', 'ocsf_1_9', 'ecs', 'otlp', 'cloudevents'] as const
export type ShapeName = (typeof shapeNames)[number]

export interface Shape {
  readonly name: ShapeName
  /** How each of its documents begins, and no line of anybody else's does. */
  readonly beginning: string
  /** An output line (without its newline) as one document of this shape: JSON in one line. */
  write(line: string): string
  /**
   * The output lines that a document carries, byte for byte as they were. Throws a ShapeError where it carries none, or
   * where what it carries was altered.
   */
  read(document: unknown): string[]
  /** Whether a document is of this shape, by what only it has. */
  recognises(document: Readonly<Record<string, unknown>>): boolean
}

/** A document from which no event can be had. */
export class ShapeError extends Error {
  override name = 'ShapeError'
}
