/**
 * What no component can see alone: two listeners on one port, a file that is read and written, presets and
 * mappings of receivers. Looks at what was written, entry by entry, so that one broken entry hides nothing else.
 */
import { resolve } from 'node:path'
import type { z } from 'zod'
import { once } from '../config/once.ts'
import type { Finding, Path } from '../config/problem.ts'
import type { Address } from '../config/values.ts'
import { matchesGlob } from '../receivers/file/finding/glob.ts'
import { telemetryConfig } from '../telemetry/config.ts'
import { checkEnrichKeys } from './check-enrich-keys.ts'
import { checkExposure } from './check-exposure.ts'
import { checkFallback } from './check-fallback.ts'
import { checkReceiver } from './check-receiver.ts'
import { checkRedact, rulesOf } from './check-redact.ts'
import { checkRoutesOf } from './check-routes.ts'
import { allComponents, componentsIn, type ReceiverConfig, type SinkConfig } from './component-configs.ts'
import { collide, listening } from './listening.ts'

export async function checkAgent(input: unknown): Promise<Finding[]> {
  const schemas = (await componentsIn(input)) ?? (await allComponents())
  const receivers = entriesOf(input, 'receivers', schemas.receiver)
  const sinks = entriesOf(input, 'sinks', schemas.sink)
  const telemetry = telemetryConfig.safeParse((isMap(input) ? input.telemetry : undefined) ?? {}, once).data
  const routes = isMap(input) ? input.routes : undefined
  const fallback = fallbackOf(input)
  return [
    ...checkPorts(listeners(telemetry, receivers)),
    ...checkOwnLog(telemetry, receivers),
    ...receivers.flatMap(({ path, config }) => checkExposure(path, listening(config))),
    ...checkFiles(receivers, sinks),
    ...receivers.flatMap(({ path, written, config = withoutFaults(written, schemas.receiver) }) =>
      config === undefined ? [] : checkReceiver(path, config, isMap(written) && written.preset !== undefined),
    ),
    ...checkEnrichKeys(input),
    ...checkRedact(['redact'], rulesOf(isMap(input) ? input.redact : undefined)),
    ...checkRoutesOf({
      written: routes,
      receivers: namesOf(receivers),
      sinks: namesOf(sinks),
      overridable: (sink) => overridableBy(sinks.find(({ name }) => name === sink)?.config),
      fallback,
    }),
    ...(fallback === undefined
      ? []
      : checkFallback(
          fallback,
          sinks.map(({ name, config }) => ({ name, required: config?.required })),
          routes !== undefined,
        )),
  ]
}

function fallbackOf(input: unknown): string | undefined {
  const agent = isMap(input) ? input.agent : undefined
  const fallback = isMap(agent) ? agent.fallback : undefined
  const sink = isMap(fallback) ? fallback.sink : undefined
  return typeof sink === 'string' ? sink : undefined
}

/** Which options a sink's configuration lets routes set: what its `overrides` lists, and `token` where it has several. */
function overridableBy(config: SinkConfig | undefined): string[] | undefined {
  if (config === undefined) return undefined
  const lists: Readonly<Record<string, unknown>> = 'overrides' in config ? config.overrides : {}
  const options = Object.entries(lists).flatMap(([option, allowed]) => {
    if (allowed === undefined) return []
    return isMap(allowed) ? Object.keys(allowed).map((key) => `${option}.${key.toLowerCase()}`) : [option]
  })
  return 'tokens' in config && Object.keys(config.tokens).length > 0 ? [...options, 'token'] : options
}

/** A named definition; `config` is absent where its schema refuses it. */
interface NamedEntry<T> {
  readonly name: string
  readonly path: Path
  readonly written: unknown
  readonly config: T | undefined
}

function entriesOf<T>(input: unknown, section: string, schema: z.ZodType<T>): NamedEntry<T>[] {
  const map = isMap(input) ? input[section] : undefined
  if (!isMap(map)) return []
  return Object.entries(map).map(([name, written]) => ({
    name,
    path: [section, name],
    written,
    config: schema.safeParse(written, once).data,
  }))
}

/** Taking members away can show what others have against it. */
const mostRounds = 8

/** A receiver without the members that its schema refuses, so that they hide no fault of the others. */
function withoutFaults(written: unknown, schema: z.ZodType<ReceiverConfig>): ReceiverConfig | undefined {
  let kept = written
  for (let round = 0; round < mostRounds && isMap(kept); round++) {
    const { data, error } = schema.safeParse(kept, once)
    if (data !== undefined) return data
    const faults = new Set(
      error?.issues.flatMap((issue) => (issue.code === 'unrecognized_keys' ? issue.keys : [issue.path[0]])),
    )
    const rest = Object.entries(kept).filter(([key]) => !faults.has(key))
    // What is required stands there all the same: nobody looks at it.
    const needed =
      kept.type === 'file' && !rest.some(([key]) => key === 'include') ? [['include', ['-']]] : []
    const next = Object.fromEntries([...rest, ...needed])
    if (rest.length === Object.keys(kept).length && needed.length === 0) return undefined
    kept = next
  }
  return undefined
}

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const namesOf = (entries: readonly NamedEntry<unknown>[]): string[] => entries.map(({ name }) => name)

type Telemetry = z.output<typeof telemetryConfig>

interface Listener {
  readonly what: string
  readonly path: Path
  readonly address: Address
  /** Absent for TCP: the two have ports of their own. */
  readonly transport?: 'udp'
}

function listeners(
  telemetry: Telemetry | undefined,
  receivers: readonly NamedEntry<ReceiverConfig>[],
): Listener[] {
  const found = receivers.flatMap(({ name, path, config }): Listener[] =>
    listening(config).map((listener) => ({
      what: `receivers.${name}`,
      path: [...path, ...listener.path],
      address: listener.address,
      ...(listener.transport && { transport: listener.transport }),
    })),
  )
  if (telemetry !== undefined)
    found.push({ what: 'telemetry', path: ['telemetry', 'listen'], address: telemetry.listen })
  return found
}

function checkPorts(all: readonly Listener[]): Finding[] {
  return all.flatMap((later, index) => {
    const earlier = all
      .slice(0, index)
      .find((other) => other.transport === later.transport && collide(other.address, later.address))
    if (earlier === undefined) return []
    const message = `port ${later.address.port} is already taken by ${earlier.what}`
    return [{ severity: 'error' as const, path: later.path, at: 'value' as const, message }]
  })
}

/** The agent's own log, sent to its own receiver, would be logged about, and sent, without end. */
function checkOwnLog(
  telemetry: Telemetry | undefined,
  receivers: readonly NamedEntry<ReceiverConfig>[],
): Finding[] {
  const endpoint = telemetry?.logs.otlp?.endpoint
  if (endpoint === undefined) return []
  const { hostname, port, protocol } = new URL(endpoint)
  const host = hostname === 'localhost' ? '127.0.0.1' : hostname.replace(/^\[|\]$/g, '')
  const target = { host, port: port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port) }
  const path = ['telemetry', 'logs', 'otlp', 'endpoint']
  return receivers.flatMap(({ name, config }): Finding[] => {
    const taken = listening(config).some(({ otlp, address }) => otlp && collide(address, target))
    if (!taken) return []
    const message = `receivers.${name} listens here: the agent would take in its own log, round and round`
    return [{ severity: 'error', path, at: 'value', message }]
  })
}

function checkFiles(
  receivers: readonly NamedEntry<ReceiverConfig>[],
  sinks: readonly NamedEntry<SinkConfig>[],
): Finding[] {
  const findings: Finding[] = []
  const patterns = new Map<string, string>()
  for (const { name, path, config } of receivers) {
    if (config?.type !== 'file') continue
    for (const [index, pattern] of config.include.entries()) {
      const at: Path = [...path, 'include', index]
      const other = patterns.get(resolve(pattern))
      if (other !== undefined && other !== name)
        findings.push({
          severity: 'warning',
          path: at,
          at: 'value',
          message: `receivers.${other} follows the same files: each is read once, by one of the two`,
        })
      patterns.set(resolve(pattern), name)
      for (const sink of sinks) {
        if (sink.config?.type !== 'file') continue
        const target = resolve(sink.config.path)
        const excluded = config.exclude.some((glob) => excludes(glob, target))
        if (matchesGlob(target, resolve(pattern)) && !excluded)
          findings.push({
            severity: 'error',
            path: at,
            at: 'value',
            message: `this takes in what sinks.${sink.name} writes, round and round. Exclude ${sink.config.path}`,
          })
      }
    }
  }
  const written = new Map<string, string>()
  for (const { name, path, config } of sinks) {
    if (config?.type !== 'file') continue
    const other = written.get(resolve(config.path))
    if (other !== undefined)
      findings.push({
        severity: 'error',
        path: [...path, 'path'],
        at: 'value',
        message: `sinks.${other} writes to this file already`,
      })
    written.set(resolve(config.path), name)
  }
  return findings
}

/** A pattern without a slash is held against the file name alone, as the receiver does. */
const excludes = (glob: string, file: string): boolean =>
  glob.includes('/')
    ? matchesGlob(file, resolve(glob))
    : matchesGlob(file.slice(file.lastIndexOf('/') + 1), glob)
