/** OTLP: an export request with one log record, whose body is the whole event as a map. */
import { lineOf } from '../line.ts'
import { type Shape, ShapeError } from '../shape.ts'
import { recordOf } from './record.ts'
import { requestJson } from './request-json.ts'
import { recordsIn } from './request-records.ts'

export const otlp: Shape = {
  name: 'otlp',
  beginning: '{"resourceLogs":[{"resource":',
  write: (line) => requestJson([[recordOf(line)]]),
  read: (document) => recordsIn(document).map(lineIn),
  recognises: ({ resourceLogs }) => Array.isArray(resourceLogs),
}

/** A body that is a text is the line, as the sink's `body: json` writes it. */
function lineIn(body: unknown): string {
  if (typeof body !== 'string') return lineOf(body)
  try {
    return lineOf(JSON.parse(body))
  } catch (thrown) {
    throw thrown instanceof ShapeError ? thrown : new ShapeError('has a log record whose body is no event')
  }
}
