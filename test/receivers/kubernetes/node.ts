/** A node: the directories in which kubelet keeps logs, an API server, and a `kubernetes` receiver between the two. */
import {
  appendFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { pino } from 'pino'
import { podReadings } from '../../../src/agent/pod-readings.ts'
import { systemClock } from '../../../src/clock.ts'
import type { StreamClaims } from '../../../src/receivers/file/identity/claims.ts'
import { kubernetesReceiverConfig } from '../../../src/receivers/kubernetes/config.ts'
import type { ReadingUnknown } from '../../../src/receivers/kubernetes/notice.ts'
import { createKubernetesReceiver } from '../../../src/receivers/kubernetes/receiver.ts'
import type { Selections } from '../../../src/receivers/kubernetes/selections.ts'
import type { Receiver } from '../../../src/receivers/receiver.ts'
import { createMetrics } from '../../../src/telemetry/metrics.ts'
import { MemoryIntake } from '../memory-intake.ts'
import { ClusterApi } from './cluster-api.ts'

interface LogLine {
  readonly level: number
  readonly msg: string
}

interface ContainerGiven {
  readonly namespace?: string
  readonly pod: string
  readonly uid: string
  readonly container?: string
}

export interface ContainerLog {
  readonly path: string
  write(...lines: readonly string[]): void
}

interface NodeGiven {
  readonly intake?: MemoryIntake
  /** @default pods */
  readonly name?: string
  /** What receivers of one agent share. */
  readonly shared?: { readonly claims: StreamClaims; readonly selections: Selections }
}

export class Node implements AsyncDisposable {
  readonly api: ClusterApi
  readonly directory: string
  readonly #receivers: Receiver[] = []
  readonly #intakes: MemoryIntake[] = []

  private constructor(directory: string, api: ClusterApi) {
    this.directory = directory
    this.api = api
    mkdirSync(join(directory, 'pods'))
    mkdirSync(join(directory, 'containers'))
  }

  static async create(): Promise<Node> {
    return new Node(await mkdtemp(join(tmpdir(), 'affiant-node-')), await ClusterApi.start())
  }

  /** Kubelet makes a container's log; the link beside it by the container's id, if it is given. */
  container(
    { namespace = 'default', pod, uid, container = 'app' }: ContainerGiven,
    { restart = 0, id }: { restart?: number; id?: string } = {},
  ): ContainerLog {
    const path = join(this.directory, 'pods', `${namespace}_${pod}_${uid}`, container, `${restart}.log`)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, '')
    if (id !== undefined) {
      symlinkSync(path, join(this.directory, 'containers', `${pod}_${namespace}_${container}-${id}.log`))
    }
    return {
      path,
      write: (...lines) => {
        const text = (line: string) => `2026-11-30T10:00:00.123456789Z stdout F ${line}\n`
        appendFileSync(path, lines.map(text).join(''))
      },
    }
  }

  /** The same where Docker runs containers: what kubelet makes is a link. */
  docker({ namespace = 'default', pod, uid, container = 'app' }: ContainerGiven): ContainerLog {
    const path = join(this.directory, 'pods', `${namespace}_${pod}_${uid}`, container, '0.log')
    const target = join(this.directory, 'docker', `${pod}-json.log`)
    mkdirSync(dirname(path), { recursive: true })
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(target, '')
    symlinkSync(target, path)
    const time = '2026-11-30T10:00:00.123456789Z'
    const text = (line: string) => `${JSON.stringify({ log: `${line}\n`, stream: 'stdout', time })}\n`
    return { path, write: (...lines) => appendFileSync(target, lines.map(text).join('')) }
  }

  /** As kubelet does over `containerLogMaxSize`: renamed, the one before compressed, and begun anew. */
  rotate({ path }: ContainerLog, second: number, before?: string): string {
    if (before !== undefined) {
      writeFileSync(`${before}.tmp`, gzipSync(readFileSync(before)))
      renameSync(`${before}.tmp`, `${before}.gz`)
      unlinkSync(before)
    }
    const rotated = `${path}.20261130-12000${second}`
    renameSync(path, rotated)
    writeFileSync(path, '')
    return rotated
  }

  /** Kubelet has removed the pod. */
  removeLogs({ path }: ContainerLog): void {
    rmSync(dirname(dirname(path)), { recursive: true })
  }

  create(more: Readonly<Record<string, unknown>> = {}, given: NodeGiven = {}) {
    const { intake = new MemoryIntake(), name = 'pods', shared } = given
    const config = kubernetesReceiverConfig.parse({
      type: 'kubernetes',
      directory: join(this.directory, 'pods'),
      node: 'node-1',
      ...more,
      api: { url: this.api.url },
      attribution: { wait: '300ms', ...(more.attribution as object | undefined) },
    })
    const logs: LogLine[] = []
    const notices: ReadingUnknown[] = []
    const metrics = createMetrics()
    const receiver = createKubernetesReceiver({
      name,
      ...shared,
      config,
      agentId: 'agent-1',
      intake,
      known: intake.known(),
      log: pino({ base: {} }, { write: (line: string) => logs.push(JSON.parse(line)) }),
      metrics,
      clock: systemClock,
      forget: (stream) => intake.forget(stream),
      readings: podReadings(config),
      notify: (notice) => notices.push(notice),
      own: { namespace: 'audit', pod: 'affiant-x', pod_uid: 'own-uid' },
      random: () => 0,
      grace: 300,
      holdFor: 300,
    })
    this.#receivers.push(receiver)
    this.#intakes.push(intake)
    return { receiver, intake, logs, notices, metrics }
  }

  async start(more: Readonly<Record<string, unknown>> = {}, given: NodeGiven = {}) {
    const created = this.create(more, given)
    await created.receiver.start()
    return created
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#receivers.map((receiver) => receiver.stop()))
    await this.api[Symbol.asyncDispose]()
    await rm(this.directory, { recursive: true, force: true })
    const faults = this.#intakes.flatMap((intake) => intake.faults)
    if (faults.length > 0) throw new Error(`positions went back: ${faults.join('; ')}`)
  }
}
