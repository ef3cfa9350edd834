/** What is said of a watch: in the log when it stops and when it stands again, and in metrics. */
import type { Log } from '../../telemetry/log.ts'
import type { Metrics } from '../../telemetry/metrics.ts'
import { ApiFault } from './api/api-fault.ts'

/** By HTTP status. */
const hints: Readonly<Record<number, string>> = {
  401: '`api.token` must name a file with a token that this API server has issued and that has not run out',
  403: 'the service account must be allowed to `list` and `watch` pods in all namespaces (docs/receivers-kubernetes.md)',
  404: '`api.url` must lead to the API server of a cluster, without a path',
}

interface Noting {
  readonly name: string
  readonly url: string
  readonly node: string
  readonly log: Log
  readonly metrics: Metrics
}

/** Says once that the API server does not answer, and once that it does again. */
export function watchNotes({ name, url, node, log, metrics }: Noting) {
  let said: string | undefined
  metrics.watchUp.set({ receiver: name }, 0)
  return {
    failed: (fault: Error) => {
      const reason = fault instanceof ApiFault ? fault.kind : 'passing'
      metrics.watchFailures.inc({ receiver: name, reason })
      metrics.watchUp.set({ receiver: name }, 0)
      if (reason === 'gone' || said === fault.message) return
      said = fault.message
      const message = notTold(said)
      if (fault instanceof ApiFault && reason === 'refused') {
        const hint = hints[fault.code]
        log.error({ url, node, ...(hint !== undefined && { hint }) }, message)
      } else log.warn({ url, node }, message)
    },
    watching: () => {
      metrics.watchUp.set({ receiver: name }, 1)
      if (said !== undefined) log.info({ url, node }, "the API server tells of this node's pods again")
      said = undefined
    },
    /** What `failed` said last, until the watch stands again. */
    trouble: () => (said === undefined ? null : notTold(said)),
  }
}

const notTold = (why: string) => `the API server does not tell of this node's pods: ${why}; it is asked again`
