/** One receiver of the configuration, with what it had open before the restart. */
import type { Clock } from '../clock.ts'
import type { Journal } from '../journal/contract.ts'
import { joiningOf } from '../normalise/joining.ts'
import type { StreamClaims } from '../receivers/file/identity/claims.ts'
import { createFileReceiver } from '../receivers/file/index.ts'
import type { NotifyOfPod } from '../receivers/kubernetes/notice.ts'
import type { Selections } from '../receivers/kubernetes/selections.ts'
import type { Intake, KnownStream, Receiver } from '../receivers/receiver.ts'
import type { Notify } from '../receivers/server/notice.ts'
import type { RecentMarks } from '../receivers/server/recent-marks.ts'
import type { Log } from '../telemetry/log.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { AgentConfig } from './config.ts'
import type { Ledger } from './ledger.ts'
import { mappingOf } from './normaliser-specs.ts'
import { presetDetector } from './preset-detector.ts'

export interface BuildReceiverOptions {
  readonly name: string
  readonly config: AgentConfig['receivers'][string]
  readonly agentId: string
  readonly intake: Intake
  readonly journal: Journal
  readonly ledger: Ledger
  readonly claims: StreamClaims
  /** Whether the receiver of this name reads this path, as configured. */
  readonly reads: (receiver: string, path: string) => boolean
  /** Unix milliseconds: when this configuration ran last. */
  readonly ranUntil: number | undefined
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
  /** What is to be on record of receivers that listen. */
  readonly notify: Notify
  /** Of receivers that follow pods' logs. */
  readonly selections: Selections
  /** The same of pods whose logs are followed. */
  readonly notifyOfPod: NotifyOfPod
  /** What the receiver took in before the start. */
  readonly recent: RecentMarks | undefined
  /** Threads that normalise. */
  readonly workers: number
}

const knownStreams = (journal: Pick<Journal, 'liveStreams'>): KnownStream[] =>
  journal.liveStreams().map(({ stream, ...rest }) => ({ id: stream, ...rest }))

export async function buildReceiver(options: BuildReceiverOptions): Promise<Receiver> {
  const { name, config, agentId, intake, journal, ledger, claims, clock, log, metrics, notify } = options
  const { recent, workers } = options
  /** What receivers are given that follow files. */
  const following = () => ({
    name,
    joining: joiningOf(mappingOf(config)),
    agentId,
    intake,
    known: knownStreams(journal),
    forget: (stream: string) => {
      journal.forgetStream(stream)
      ledger.forget(stream)
    },
    claims,
    reads: options.reads,
    ranUntil: options.ranUntil,
    chunksInFlight: 4 + workers,
    log,
    metrics,
    clock,
  })
  switch (config.type) {
    case 'file':
      return createFileReceiver({
        ...following(),
        config,
        delivered: (stream) => ledger.delivered(stream),
        detector: presetDetector(config),
      })
    case 'kubernetes': {
      const { createKubernetesReceiver } = await import('../receivers/kubernetes/receiver.ts')
      const { podReadings } = await import('./pod-readings.ts')
      const readings = podReadings(config)
      const { selections, notifyOfPod } = options
      return createKubernetesReceiver({ ...following(), config, readings, selections, notify: notifyOfPod })
    }
    case 'http': {
      const { createPostReceiver } = await import('../receivers/http/receiver.ts')
      return createPostReceiver({ name, config, intake, log, metrics, clock, notify, recent })
    }
    case 'kubernetes_audit': {
      const { createKubernetesAuditReceiver } = await import('../receivers/kubernetes_audit/receiver.ts')
      return createKubernetesAuditReceiver({ name, config, intake, log, metrics, clock, notify, recent })
    }
    case 'otlp': {
      // Protocols are loaded only where they are spoken.
      const { createOtlpReceiver } = await import('../receivers/otlp/receiver.ts')
      return createOtlpReceiver({ name, config, intake, log, metrics, clock, notify, recent })
    }
    case 'otlp_audit': {
      const { createOtlpAuditReceiver } = await import('../receivers/otlp/audit/receiver.ts')
      const known = knownStreams(journal)
      const forget = (stream: string) => journal.forgetStream(stream)
      const own = { name, config, intake, log, metrics, clock, notify, recent }
      return createOtlpAuditReceiver({ ...own, known, forget })
    }
    case 'splunk_hec': {
      const { createSplunkHecReceiver } = await import('../receivers/splunk_hec/receiver.ts')
      return createSplunkHecReceiver({ name, config, intake, log, metrics, clock, notify })
    }
    case 'syslog': {
      const { createSyslogReceiver } = await import('../receivers/syslog/receiver.ts')
      return createSyslogReceiver({ name, config, intake, log, metrics, clock, notify })
    }
  }
}
