/** An attribute of an OCSF event: what an audit event has for it, or undefined. */
import type { Line } from '../line.ts'

export type Part = (event: Line) => unknown

/** OCSF's word, with 0, for what is required and not known. */
export const unknownName = 'Unknown'
