/** OCSF's words for severity and outcome. */
import { type Members, present } from '../absent.ts'
import type { Line } from '../line.ts'

/** By the highest of OpenTelemetry's numbers; where syslog's levels have these numbers, OCSF's mean the same. */
const severities: readonly (readonly [upTo: number, id: number, caption: string])[] = [
  [0, 0, 'Unknown'],
  [9, 1, 'Informational'],
  [12, 2, 'Low'],
  [16, 3, 'Medium'],
  [17, 4, 'High'],
  [20, 5, 'Critical'],
  [24, 6, 'Fatal'],
]

const statuses: Readonly<Record<Line['outcome']['result'], readonly [number, string]>> = {
  success: [1, 'Success'],
  failure: [2, 'Failure'],
  denied: [2, 'Failure'],
  partial: [99, 'Partial'],
  unknown: [0, 'Unknown'],
}

export function severityOf({ severity = 0 }: Line): Members {
  const [, id, caption] = severities.find(([upTo]) => severity <= upTo)!
  return { severity_id: id, severity: caption }
}

/** Denied is a failure here; that somebody said no is what the security control profile adds. */
export function statusOf({ outcome: { result, code, reason } }: Line): Members {
  const [id, caption] = statuses[result]
  return {
    status_id: id,
    status: caption,
    ...present({ status_code: code, status_detail: reason }),
    ...(result === 'denied' && {
      action_id: 2,
      action: 'Denied',
      disposition_id: 2,
      disposition: 'Blocked',
    }),
  }
}
