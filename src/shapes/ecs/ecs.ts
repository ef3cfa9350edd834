/**
 * The Elastic Common Schema, 9.4: https://www.elastic.co/docs/reference/ecs. What ECS has no field for stands under
 * `affiant`, and so does the event itself, as a text: an index must not learn a field for each name that a source uses,
 * and a text comes back as it went in.
 */
import { type Members, present } from '../absent.ts'
import { carriedEvent, type Line, lineOf, parseLine, withoutRaw } from '../line.ts'
import { type Shape, ShapeError } from '../shape.ts'
import { targetOf } from '../target-kind.ts'
import { categoryOf, outcomeOf, typesOf } from './classification.ts'
import { cloudOf, hostOf, orchestratorOf, organizationOf, serviceOf, sourceOf } from './places.ts'
import { groupOf, relatedOf, userOf } from './principals.ts'

const version = '9.4.0'

export const ecs: Shape = {
  name: 'ecs',
  beginning: '{"@timestamp":"',
  write: (line) => JSON.stringify(write(line)),
  read: (document) => [read(document)],
  recognises: ({ ecs: own, '@timestamp': time }) => own !== undefined && time !== undefined,
}

const isMap = (value: unknown): value is Members => typeof value === 'object' && value !== null

function read(document: unknown): string {
  const { affiant, event } = isMap(document) ? document : {}
  const line = isMap(affiant) ? affiant.event : undefined
  if (typeof line !== 'string') {
    throw new ShapeError('has no affiant.event: it is no event of Affiant (the preset ecs reads any)')
  }
  return lineOf(carriedEvent(line, isMap(event) ? event.original : undefined))
}

function write(line: string): Members {
  const event = parseLine(line)
  return {
    '@timestamp': event.time,
    ecs: { version },
    ...present({
      event: eventOf(event),
      message: event.message,
      user: userOf(event),
      group: groupOf(event),
      source: sourceOf(event),
      ...agentFields(event),
      ...requestFields(event),
      cloud: cloudOf(event),
      orchestrator: orchestratorOf(event),
      organization: organizationOf(event),
      host: hostOf(event),
      service: serviceOf(event),
      file: fileOf(event),
      related: relatedOf(event),
      error: errorOf(event),
    }),
    affiant: {
      event: withoutRaw(line, event),
      ...present({
        outcome: event.outcome.result,
        session_id: event.session?.id,
        credential_id: event.credential?.id,
        delegation: event.delegation,
      }),
    },
  }
}

function eventOf(event: Line): Members {
  const category = categoryOf(event)
  return {
    kind: event.quality.parse === 'failed' ? 'pipeline_error' : 'event',
    category: [category],
    type: typesOf(event, category),
    outcome: outcomeOf(event),
    action: event.action,
    id: event.id,
    created: event.observed_time,
    ...present({
      provider: event.producer.service ?? event.producer.product,
      reason: event.outcome.reason,
      severity: event.severity,
      sequence: event.log?.seq,
      hash: event.raw?.sha256,
      original: event.raw_data,
    }),
  }
}

function agentFields({ provenance, source }: Line): Members {
  return {
    agent: { type: 'affiant', id: provenance.agent },
    user_agent: source?.user_agent === undefined ? undefined : { original: source.user_agent },
    device: source?.device_id === undefined ? undefined : { id: source.device_id },
  }
}

function requestFields({ request, outcome }: Line): Members {
  if (request === undefined) return {}
  const { id, method, path, trace_id: trace, span_id: span, correlation_id: correlation } = request
  const status =
    method !== undefined && /^[1-5]\d\d$/.test(outcome.code ?? '') ? Number(outcome.code) : undefined
  return {
    http: present({
      request: present({ id, method }),
      response: status === undefined ? undefined : { status_code: status },
    }),
    url: path === undefined ? undefined : urlOf(path),
    trace: trace === undefined ? undefined : { id: trace },
    span: span === undefined ? undefined : { id: span },
    labels: correlation === undefined ? undefined : { correlation_id: correlation },
  }
}

function urlOf(text: string): Members {
  if (!text.startsWith('/')) return { original: text }
  const at = text.indexOf('?')
  return at === -1
    ? { original: text, path: text }
    : { original: text, path: text.slice(0, at), query: text.slice(at + 1) }
}

function fileOf(event: Line): Members | undefined {
  const path = targetPath(event)
  if (path === undefined) return undefined
  return present({ path, name: path.split('/').findLast((part) => part !== '') })
}

function targetPath(event: Line): string | undefined {
  const target = targetOf(event, 'file')
  return target?.name ?? target?.id
}

function errorOf({ outcome: { result, code, reason } }: Line): Members | undefined {
  return result === 'failure' || result === 'denied' ? present({ code, message: reason }) : undefined
}
