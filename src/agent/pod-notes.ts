/** What is on record of pods whose logs are followed. Each is in docs/own-events.md. */
import type { ReadingUnknown } from '../receivers/kubernetes/notice.ts'
import type { OwnEventDraft } from './own-events.ts'
import type { OwnLog } from './own-log.ts'

export const readingUnknown = (about: Omit<ReadingUnknown, 'kind'>): OwnEventDraft => ({
  action: 'affiant.annotation.refused',
  operation: 'other',
  outcome: { result: 'failure', reason: `${about.annotation} names nothing that there is` },
  targets: [{ id: `${about.namespace}/${about.pod}`, type: 'pod' }],
  metadata: {
    receiver: about.receiver,
    namespace: about.namespace,
    pod: about.pod,
    container: about.container,
    annotation: about.annotation,
    value: about.value,
    preset: about.preset,
  },
})

/** Whoever makes pods causes these: they share the rate of their receiver. */
export function tellOfPod(notice: ReadingUnknown, ownLog: Pick<OwnLog, 'record'>): void {
  ownLog.record(readingUnknown(notice), `affiant.annotation ${notice.receiver}`)
}
