/** What enrichers read: which file it was, and when it changed. Each is in docs/own-events.md. */
import type { FileNews } from '../attribution/enrich/watched-file.ts'
import type { Log } from '../telemetry/log.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { OwnEventDraft } from './own-events.ts'
import type { OwnLog } from './own-log.ts'

const targets = (path: string) => [{ id: path, type: 'file' }]

type Loaded = Pick<FileNews, 'path' | 'notes'> & { readonly sha256: string }

/** From here on it is what events are enriched from. */
export function enrichmentLoaded({ path, sha256, notes = [] }: Loaded): OwnEventDraft {
  return {
    action: 'affiant.enrichment.loaded',
    operation: 'update',
    targets: targets(path),
    metadata: { ...(notes.length > 0 && { notes: [...notes] }), sha256 },
  }
}

/** It had changed, and cannot be used: what was loaded before still counts. */
export function enrichmentRefused({ path, sha256 }: FileNews, problem: string): OwnEventDraft {
  return {
    action: 'affiant.enrichment.refused',
    operation: 'update',
    outcome: { result: 'failure', reason: problem },
    targets: targets(path),
    metadata: { ...(sha256 !== undefined && { sha256 }), reason: problem },
  }
}

/** Tells of a file that is in use from the start: on record, and in the log where a part of it is not used. */
export function tellOfStart(
  file: Loaded,
  { ownLog, log }: { readonly ownLog: Pick<OwnLog, 'record'>; readonly log: Log },
): void {
  const { path, notes = [] } = file
  ownLog.record(enrichmentLoaded(file), `affiant.enrichment ${path}`)
  if (notes.length > 0) log.warn({ file: path, notes }, 'an enricher does not use all of a file')
}

/** Tells of a file that had changed: on record, in the log and in a metric. */
export function tellOfFile(
  news: FileNews,
  {
    ownLog,
    log,
    metrics,
  }: { readonly ownLog: Pick<OwnLog, 'record'>; readonly log: Log; readonly metrics: Metrics },
): void {
  const { path, sha256, problem, notes = [] } = news
  metrics.enrichmentLoads.inc({ file: path, result: problem === undefined ? 'loaded' : 'refused' })
  if (problem !== undefined) {
    log.error({ file: path, reason: problem }, 'an enricher keeps what it had: the new file cannot be used')
    ownLog.record(enrichmentRefused(news, problem), `affiant.enrichment ${path}`)
  } else if (sha256 !== undefined) {
    const said = notes.length > 0 ? { notes } : {}
    log.info({ file: path, sha256, ...said }, 'an enricher has loaded a file that had changed')
    ownLog.record(enrichmentLoaded({ path, sha256, notes }), `affiant.enrichment ${path}`)
  }
}
