/**
 * Every metric Affiant exposes, in one place. Counted per batch, never per event. docs/metrics.md is generated
 * from this file.
 */
import { registerProcessMetrics } from './process-metrics.ts'
import { Counter, Gauge, Histogram, Registry } from './prometheus.ts'

export function createMetrics() {
  const registry = new Registry()
  registerProcessMetrics(registry)
  const registers = [registry]
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[] = []) =>
    new Counter({ name: `affiant_${name}`, help, labelNames: [...labelNames], registers })
  const gauge = <L extends string>(name: string, help: string, labelNames: readonly L[] = []) =>
    new Gauge({ name: `affiant_${name}`, help, labelNames: [...labelNames], registers })
  const histogram = <L extends string>(
    name: string,
    help: string,
    buckets: number[],
    labelNames: readonly L[] = [],
  ) => new Histogram({ name: `affiant_${name}`, help, buckets, labelNames: [...labelNames], registers })

  return {
    registry,
    // receivers
    recordsRead: counter('receiver_records_total', 'Records taken in, skipped ones included', ['receiver']),
    recordsSkipped: counter(
      'receiver_skipped_total',
      'Records that `select` skipped, and headers of tables',
      ['receiver'],
    ),
    recordsUnparsed: counter('receiver_unparsed_total', 'Events with quality.parse other than ok', [
      'receiver',
    ]),
    eventsIncomplete: counter('receiver_incomplete_total', 'Events with attribution.complete false', [
      'receiver',
    ]),
    completeness: gauge(
      'receiver_complete_ratio',
      'Share of the events committed since the start whose attribution is complete, 0 to 1; absent before the first',
      ['receiver'],
    ),
    recordsRejected: counter(
      'receiver_rejected_total',
      'Records that `on_missing: reject` did not take in; their clients were told',
      ['receiver'],
    ),
    recordsOutOfScope: counter(
      'receiver_out_of_scope_total',
      'Records with a scope that their credential may not deliver; not taken in, and their clients were told',
      ['receiver'],
    ),
    recordsDuplicate: counter(
      'receiver_duplicates_total',
      'Records sent again that were in the journal already: answered as taken in, not committed again',
      ['receiver'],
    ),
    recordsConflicting: counter(
      'receiver_conflicts_total',
      'Records with the id of another one and another content: taken in under an id of their own, with a warning',
      ['receiver'],
    ),
    bytesRead: counter('receiver_bytes_total', 'Bytes of input taken in', ['receiver']),
    eventsDropped: counter('route_dropped_total', 'Events that a route dropped by name', ['route']),
    requests: counter(
      'receiver_requests_total',
      'Requests answered, by HTTP status (100 and above) or gRPC status (0 to 16)',
      ['receiver', 'status'],
    ),
    messagesLost: counter(
      'receiver_lost_total',
      'Messages of syslog that came and could not be kept, by reason: queue_full (UDP), stopped (the journal took nothing at the end)',
      ['receiver', 'reason'],
    ),
    filesOpen: gauge('receiver_files_open', 'Files open for reading', ['receiver']),
    filesOpenLimit: gauge(
      'receiver_files_open_limit',
      'Files that may be open at once: over it, they take turns',
      ['receiver'],
    ),
    filesWatched: gauge('receiver_files', 'Files that match', ['receiver']),
    filesIgnored: gauge('receiver_files_ignored', 'Files left alone by `ignore_older` until they change', [
      'receiver',
    ]),
    eventsDroppedOf: counter(
      'receiver_dropped_total',
      'Events of this receiver that a route dropped by name',
      ['receiver'],
    ),
    receiverLagBytes: gauge(
      'receiver_lag_bytes',
      'Bytes of all its files that not every sink they go to has settled',
      ['receiver'],
    ),
    fileBytes: gauge(
      'file_bytes',
      'A file in bytes, by state: size, read (handed on), committed. At most 500 files a receiver: those with something left to do first, then those written to last; the rest is in affiant_receiver_other_files_bytes',
      ['receiver', 'file', 'state'],
    ),
    fileSettledBytes: gauge(
      'file_settled_bytes',
      'Bytes of a file whose events this sink has settled, as far as any go there; absent until the sink has settled what was in the journal at the start',
      ['receiver', 'file', 'sink'],
    ),
    fileRecords: gauge('file_records', 'Records taken in from a file since the start', ['receiver', 'file']),
    fileRouted: gauge(
      'file_routed_events',
      'Events of a file committed for this sink since the start, and those of before it once the sink has come to them; what the agent says of the file is among them. Equals accepted + dead letters once all is settled',
      ['receiver', 'file', 'sink'],
    ),
    fileAccepted: gauge(
      'file_accepted_events',
      'Events of a file that this sink has accepted since the start: counted by block, once that is settled as a whole',
      ['receiver', 'file', 'sink'],
    ),
    fileDeadLetters: gauge('file_dead_letters', 'Events of a file kept as dead letters since the start', [
      'receiver',
      'file',
      'sink',
    ]),
    otherFilesBytes: gauge(
      'receiver_other_files_bytes',
      'The files without metrics of their own, by state: size, read, committed, settled (by the slowest sink)',
      ['receiver', 'state'],
    ),
    enrichmentLoads: counter(
      'enrichment_loads_total',
      'Files of enrichers that had changed, by result: loaded, refused (the new file cannot be used, the old one still counts)',
      ['file', 'result'],
    ),
    pods: gauge(
      'receiver_pods',
      'Pods of this node that a `kubernetes` receiver knows, by state: present, gone (its logs may still be read), unknown (logs wait for somebody to tell of it)',
      ['receiver', 'state'],
    ),
    podsUnattributed: counter(
      'receiver_unattributed_pods_total',
      'Pods whose records went out with what the path of their log says, since nobody had told of them in time',
      ['receiver'],
    ),
    watchUp: gauge('receiver_watch_up', 'Whether the API server tells of changes of pods: 1 or 0', [
      'receiver',
    ]),
    watchFailures: counter(
      'receiver_watch_failures_total',
      'Requests for pods that ended otherwise than they should, by reason: gone (everything is listed again), refused (somebody has to change something), passing',
      ['receiver', 'reason'],
    ),
    unauthenticated: counter(
      'receiver_unauthenticated_total',
      'Requests, and connections of syslog, without a credential that is known, by reason: missing (also where it is of another kind), unknown',
      ['receiver', 'reason'],
    ),
    connectionsRefused: counter(
      'receiver_refused_connections_total',
      'Connections turned away, by reason: certificate (the client has none that client_ca signed), tls (the handshake failed), timeout, max_connections, max_in_flight (syslog: a message that stood still while all connections held too much)',
      ['receiver', 'reason'],
    ),
    certificateLoads: counter(
      'receiver_certificate_loads_total',
      'Certificates of a listener that had changed, by result: loaded, refused (the new files cannot be used, the old certificate is served on)',
      ['receiver', 'result'],
    ),
    auditKeyLoads: counter(
      'receiver_audit_key_loads_total',
      'Keys of the audit signal whose files had changed, by result: loaded, refused (the new files cannot be used, the old keys are)',
      ['receiver', 'result'],
    ),
    auditProofs: counter(
      'receiver_audit_proofs_total',
      'Records of the audit signal, by what is known of their signature: absent, unchecked (there is no key for it), verified, failed (their request was refused)',
      ['receiver', 'result'],
    ),
    auditChainFindings: counter(
      'receiver_audit_chain_findings_total',
      'Records of the audit signal that show a gap in their chain, or that it is broken (violation)',
      ['receiver', 'kind'],
    ),
    // journal
    eventsCommitted: counter('journal_events_total', 'Events committed', ['receiver']),
    journalCommits: counter('journal_commits_total', 'fdatasync calls that returned'),
    journalCommitSeconds: histogram(
      'journal_commit_seconds',
      'Write and fdatasync of one group',
      [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
    ),
    journalBytes: gauge('journal_bytes', 'Bytes on disk'),
    journalMaxBytes: gauge('journal_max_bytes', 'journal.max_size'),
    journalSegments: gauge('journal_segments', 'Segments on disk'),
    journalNextSeq: gauge('journal_next_seq', 'The seq that the next event gets'),
    journalDamagedEvents: counter(
      'journal_damaged_events_total',
      'Events found to be damaged or gone in the journal; each counts once, restarts included',
    ),
    journalPressure: gauge('journal_pressure', '1 while the journal takes no batches', ['reason']),
    // sinks
    eventsRouted: counter(
      'sink_routed_events_total',
      'Events committed for this sink; those of before the start count when the sink comes to them. Equals accepted + dead letters + missed + unsettled',
      ['sink'],
    ),
    eventsUnsettled: gauge(
      'sink_unsettled_events',
      'Events committed for this sink that are neither accepted nor dead letters',
      ['sink'],
    ),
    eventsMissed: counter(
      'sink_missed_events_total',
      'Events for this sink that had left the journal (damaged, expired) before it came to them',
      ['sink'],
    ),
    eventsDelivered: counter('sink_events_total', 'Events settled as accepted', ['sink']),
    bytesDelivered: counter('sink_bytes_total', 'Bytes accepted, before compression', ['sink']),
    eventsDeadLettered: counter('sink_dead_letters_total', 'Events settled as dead letters', ['sink']),
    eventsReplayed: counter(
      'sink_replayed_events_total',
      'Events that this sink accepted when somebody had them sent once more, or that were handed over to it; `source`: journal, dead_letters or handover. In no other count',
      ['sink', 'source'],
    ),
    deadLetterBytes: gauge('sink_dead_letter_bytes', 'Dead letters on disk', ['sink']),
    attempts: counter('sink_attempts_total', 'Batches sent, by outcome', ['sink', 'outcome']),
    sinkLagEvents: gauge('sink_lag_events', 'Committed events that this sink has not settled', ['sink']),
    sinkOldestSeconds: gauge('sink_oldest_unsettled_seconds', 'Age of the oldest unsettled event', ['sink']),
    sinkHeld: gauge('sink_held', '1 while a configuration fault holds this sink', ['sink']),
    // agent
    configReloads: counter(
      'config_reloads_total',
      'Times that the configuration was read again, by result: changed, unchanged, refused (what ran before runs on)',
      ['result'],
    ),
    configInfo: gauge('config_info', 'Always 1, for the configuration that runs', ['sha256']),
    buildInfo: gauge('build_info', 'Always 1', ['version', 'node']),
    ownEvents: counter('own_events_total', "The agent's own events", ['action']),
  }
}

export type Metrics = ReturnType<typeof createMetrics>
