/** CloudEvents 1.0, JSON format: the event is its `data`, byte for byte. */
import { lineOf, parseLine } from './line.ts'
import { type Shape, ShapeError } from './shape.ts'

/** What stands before and behind the line. `source` and `id` together name an event anywhere. */
export function cloudEventAround(line: string): readonly [head: string, tail: string] {
  const { id, action, time, targets, log } = parseLine(line)
  const context = {
    specversion: '1.0',
    id,
    source: `urn:${(log?.origin ?? 'affiant').replaceAll('/', ':')}`,
    type: 'affiant.audit-event.v1',
    subject: targets?.[0]?.id,
    time,
    datacontenttype: 'application/json',
    auditaction: action,
  }
  return [`${JSON.stringify(context).slice(0, -1)},"data":`, '}']
}

export const cloudevents: Shape = {
  name: 'cloudevents',
  beginning: '{"specversion":"1.0","id":"',
  write(line) {
    const [head, tail] = cloudEventAround(line)
    return head + line + tail
  },
  read(document) {
    // A batch is an array of them.
    const all: readonly unknown[] = Array.isArray(document) ? document : [document]
    return all.map((each) => {
      if (typeof each !== 'object' || each === null || !('data' in each)) {
        throw new ShapeError('is no CloudEvent with an event as its data')
      }
      return lineOf(each.data)
    })
  },
  recognises: ({ specversion, data }) => typeof specversion === 'string' && data !== undefined,
}
