/** What is on record of reading the configuration again. Each is in docs/own-events.md. */
import { printProblem } from '../config/problem.ts'
import type { OwnEventDraft } from './own-events.ts'
import { foundAs, type ReloadReport } from './reload-report.ts'
import type { ReloadRequest } from './reloads.ts'

/** Components and problems that are on record; the log has them all. */
const most = 100

const requestOf = ({ trigger, requester }: ReloadRequest) => ({
  trigger,
  ...(requester !== undefined && { requested_by: { ...requester, said_by: 'the command' } }),
})

export function configReloaded(report: ReloadReport, request: ReloadRequest): OwnEventDraft {
  const { from, to, added, changed, removed } = report
  return {
    action: 'affiant.config.changed',
    operation: 'update',
    category: 'configuration',
    metadata: {
      from_sha256: from,
      to_sha256: to,
      while: 'running',
      ...listed('added', added),
      ...listed('changed', changed),
      ...listed('removed', removed),
      ...requestOf(request),
    },
  }
}

/** What ran before runs on. */
export function configRefused(report: ReloadReport, request: ReloadRequest): OwnEventDraft {
  const { from, to, code, reason, problems } = report
  const errors = problems.filter(({ severity }) => severity === 'error')
  return {
    action: 'affiant.config.refused',
    operation: 'update',
    category: 'configuration',
    outcome: { result: 'failure', ...(reason !== null && { reason }) },
    metadata: {
      config_sha256: from,
      ...(to !== null && { refused_sha256: to }),
      code,
      reason,
      ...listed(
        'problems',
        errors.map((error) => printProblem(foundAs(error))),
      ),
      ...requestOf(request),
    },
  }
}

const listed = (name: string, all: readonly string[]) =>
  all.length === 0 ? {} : { [name]: all.slice(0, most) }
