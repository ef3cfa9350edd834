/**
 * The real records of ../shared/samples: of each system its files, how many events they are, and how complete those are.
 * Used by the test beside it and by development/samples.ts.
 */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { bareSpec } from '../../src/agent/bare-spec.ts'
import { normaliseText } from '../../src/agent/normalise-text.ts'
import { hashKeyOf } from '../../src/attribution/keyed-hash.ts'
import { joiningOf } from '../../src/normalise/joining.ts'
import { compileNormaliser } from '../../src/normalise/normaliser.ts'
import { fileReceiverConfig } from '../../src/receivers/file/config.ts'
import { framingRules } from '../../src/receivers/file/framing/rules.ts'

export const samples = join(import.meta.dirname, '../../../shared/samples')
export const present = existsSync(samples)

export interface SampleSystem {
  readonly name: string
  readonly preset: string
  readonly files: string
  /** What is a record of these files; the events that they become, counted without the decoder. */
  readonly records: (text: string) => number
  /** Of all files. */
  readonly events: number
  /** Where a file holds other systems' lines, too: which are this one's. */
  readonly of?: (line: string) => boolean
  /** Documents over many lines: what begins a record. */
  readonly start?: string
  /** Lines (from 1) where records begin that are malformed, and why. */
  readonly malformed?: {
    readonly reason: string
    readonly lines: (file: string, text: string) => readonly number[]
  }
  /** Whether those are counted by `records`. @default true */
  readonly counted?: boolean
  /** Of a hundred events so many answer everything that is required; below 95 with the reason. */
  readonly complete: number
  readonly why?: string
}

const lines = (text: string) => text.split('\n').filter((line) => line.trim() !== '').length
const parsed = (text: string): { readonly Records?: readonly unknown[] } => JSON.parse(text)
const elements = (text: string) => (JSON.parse(text) as unknown[]).length
const serials = (text: string) => new Set(text.match(/msg=audit\([\d.]+:\d+\)/g)).size
const cloudTrailRecords = (text: string) => parsed(text).Records!.length

const hasNot =
  (...keys: string[]) =>
  (line: string) =>
    !keys.some((key) => line.includes(`"${key}":`))
const has = (key: string) => (line: string) => line.includes(`"${key}":`)

const rows = 'rows of detection rules, cut down to the members that a rule reads'

export const sampleSystems: readonly SampleSystem[] = [
  {
    name: 'Linux auditd',
    preset: 'auditd',
    files: 'auditd/*.log',
    records: serials,
    events: 72,
    malformed: {
      reason: 'the line has no msg=audit(…), so that nobody knows which event it is of',
      lines: (file) => (file === 'auditd/audit-rhel7.log' ? [31] : []),
    },
    counted: false,
    complete: 76,
    why: 'one file has a single line of each record type, without the system call that says who and how it ended; of a login as an account that there is none of, the record does not say as whom',
  },
  {
    name: 'Azure Activity',
    preset: 'azure_activity',
    files: 'azure/*.jsonl',
    records: lines,
    events: 106,
    complete: 9,
    why: `${rows}: 96 name no identity`,
  },
  {
    name: 'Microsoft Entra ID',
    preset: 'azure_signin',
    files: 'azure-signin/*.jsonl',
    records: lines,
    events: 23,
    complete: 95,
  },
  {
    name: 'CloudTrail',
    preset: 'cloudtrail',
    files: 'cloudtrail/*.jsonl',
    records: lines,
    events: 220,
    complete: 95,
  },
  {
    name: 'CloudTrail, files of a trail',
    preset: 'cloudtrail',
    files: 'cloudtrail/invictus/*.json',
    records: cloudTrailRecords,
    events: 1235,
    complete: 100,
  },
  {
    name: 'CloudTrail, attacks',
    preset: 'cloudtrail',
    files: 'cloudtrail/stratus-*.json',
    records: elements,
    start: '^[\\[{]',
    events: 142,
    complete: 100,
  },
  {
    name: 'Google Cloud',
    preset: 'gcp_audit',
    files: 'gcp/*.jsonl',
    records: lines,
    events: 67,
    complete: 79,
    why: `${rows}: no authenticationInfo, no status; starts of long operations have no outcome yet`,
  },
  {
    name: 'Google Kubernetes Engine',
    preset: 'gcp_audit',
    files: 'gcp-k8s/*.jsonl',
    records: lines,
    events: 13,
    complete: 53,
    why: `${rows}: six have no authenticationInfo`,
  },
  {
    name: 'GitHub',
    preset: 'github',
    files: 'github/*.jsonl',
    records: lines,
    events: 83,
    complete: 68,
    why: `${rows}: webhook payloads without sender, and without anything that says how it ended`,
  },
  {
    name: 'Kubernetes',
    preset: 'kubernetes',
    files: 'kubernetes/*',
    records: lines,
    of: hasNot('protoPayload', 'operationName'),
    events: 87,
    complete: 74,
    why: `${rows}: no user, no verb`,
  },
  {
    name: 'Kubernetes, as Google Cloud logs it',
    preset: 'gcp_audit',
    files: 'kubernetes/*',
    records: lines,
    of: has('protoPayload'),
    events: 17,
    complete: 88,
    why: `${rows}: one names nobody, one nothing`,
  },
  {
    name: 'Kubernetes, as Azure logs it',
    preset: 'aks',
    files: 'kubernetes/*',
    records: lines,
    of: has('operationName'),
    events: 16,
    complete: 100,
  },
  {
    name: 'Amazon EKS',
    preset: 'kubernetes',
    files: 'kubernetes-eks/*',
    records: lines,
    events: 10,
    complete: 70,
    why: `${rows}: three have no verb`,
  },
  {
    name: 'MongoDB Atlas',
    preset: 'mongodb',
    files: 'mongodb-atlas/*',
    records: lines,
    events: 10,
    complete: 80,
    why: `${rows}: two name nobody`,
  },
  {
    name: 'Keycloak',
    preset: 'keycloak',
    files: 'keycloak/*',
    records: lines,
    events: 7,
    complete: 100,
  },
  { name: 'nginx', preset: 'nginx', files: 'nginx/*', records: lines, events: 21, complete: 100 },
  {
    name: 'pgAudit, as psql shows it',
    preset: 'pgaudit_stderr',
    files: 'pgaudit/*',
    records: lines,
    events: 415,
    malformed: {
      reason: 'the first of several lines of a statement: the quote that it begins with is not closed',
      lines: (_, text) =>
        text.split('\n').flatMap((line, i) => (line.split('"').length % 2 === 0 ? [i + 1] : [])),
    },
    complete: 0,
    why: 'a client is not told who it is, and a statement is logged before it is known how it ends',
  },
  {
    name: 'Okta',
    preset: 'okta',
    files: 'okta/*',
    records: lines,
    events: 45,
    complete: 44,
    why: `${rows}; thirteen are statistics of a search, no events of Okta's`,
  },
]

export type SampleEvent = Readonly<Record<string, unknown>> & {
  readonly action: string
  readonly quality: { readonly parse: string }
  readonly provenance: { readonly offset: number }
  readonly attribution: { readonly complete: boolean; readonly missing?: readonly string[] }
}

const observed = Date.UTC(2026, 10, 23)

export function filesOf({ files }: SampleSystem): readonly string[] {
  return globSync(files, { cwd: samples }).toSorted()
}

export function framingOf({ preset, start }: SampleSystem) {
  const more = start === undefined ? {} : { multiline: { start } }
  const config = fileReceiverConfig.parse({ type: 'file', include: ['sample'], ...more })
  return framingRules(config, joiningOf({ preset }))
}

/** Its files with what its preset makes of them. */
export async function readSystem(
  system: SampleSystem,
): Promise<
  readonly { readonly file: string; readonly text: string; readonly events: readonly SampleEvent[] }[]
> {
  const spec = bareSpec('sample', { preset: system.preset }, [hashKeyOf(new Uint8Array(32))])
  const normaliser = compileNormaliser(spec)
  const read = []
  for (const file of filesOf(system)) {
    const whole = readFileSync(join(samples, file), 'utf8')
    const text = system.of === undefined ? whole : whole.split('\n').filter(system.of).join('\n')
    const events = await normaliseText(text, normaliser, framingOf(system), observed)
    read.push({ file, text, events: events as readonly SampleEvent[] })
  }
  return read
}

export interface Completeness {
  readonly events: number
  readonly complete: number
  /** How many lack which member. */
  readonly missing: Readonly<Record<string, number>>
}

export function completenessOf(events: readonly SampleEvent[]): Completeness {
  const missing: Record<string, number> = {}
  for (const { attribution } of events) {
    for (const member of attribution.missing ?? []) missing[member] = (missing[member] ?? 0) + 1
  }
  const complete = events.filter(({ attribution }) => attribution.complete).length
  return { events: events.length, complete, missing }
}
