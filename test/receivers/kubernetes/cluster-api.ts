/**
 * An API server on a loopback port that knows pods: lists in pages, watches from a resource version with bookmarks, and
 * 410 for versions that it has forgotten. Answers have the shapes of Kubernetes 1.34.
 */
import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'

export type Json = Record<string, unknown>

export interface PodGiven {
  readonly name: string
  readonly namespace?: string
  readonly uid?: string
  readonly node?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly owner?: { readonly kind: string; readonly name: string }
  readonly created?: string
  readonly containers?: readonly string[]
  readonly initContainers?: readonly string[]
  readonly containerIds?: readonly string[]
}

interface Change {
  readonly version: number
  readonly type: string
  readonly object: Json
}

interface Watching {
  readonly response: ServerResponse
  readonly node: string
  readonly from: number
}

export class ClusterApi implements AsyncDisposable {
  /** Requests, as they came: path and query. */
  readonly requests: URL[] = []
  readonly authorizations: (string | undefined)[] = []
  /** Set to let nobody in that has another. */
  token: string | undefined
  /** Answers with this status, and a Status object, in place of everything else. */
  refuse: { readonly code: number; readonly reason: string; readonly retryAfter?: number } | undefined
  #server: Server | undefined
  #port = 0
  readonly #tls: { readonly cert: string; readonly key: string } | undefined
  #version = 100
  readonly #pods = new Map<string, Json>()
  #changes: Change[] = []
  #oldest = 100
  readonly #watching = new Set<Watching>()

  constructor(tls?: { readonly cert: string; readonly key: string }) {
    this.#tls = tls
  }

  static async start(tls?: { readonly cert: string; readonly key: string }): Promise<ClusterApi> {
    const api = new ClusterApi(tls)
    await api.listen()
    return api
  }

  get url(): string {
    return `${this.#tls ? 'https' : 'http'}://127.0.0.1:${this.#port}`
  }

  get watches(): number {
    return this.#watching.size
  }

  get lists(): number {
    return this.requests.filter(({ searchParams }) => !searchParams.has('watch')).length
  }

  /** On the port that it had, if it had one. */
  async listen(): Promise<void> {
    const answer = (request: IncomingMessage, response: ServerResponse) => this.#answer(request, response)
    const server = this.#tls ? createTlsServer(this.#tls, answer) : createServer(answer)
    this.#server = server
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(this.#port, '127.0.0.1', resolve)
    })
    this.#port = (server.address() as AddressInfo).port
  }

  /** Nobody answers any more. */
  async away(): Promise<void> {
    this.cut()
    const server = this.#server
    this.#server = undefined
    server?.closeAllConnections()
    await new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve()))
  }

  /** Connections of watches break off in the middle. */
  cut(): void {
    for (const { response } of this.#watching) response.destroy()
    this.#watching.clear()
  }

  /** Watches end as they do after `timeoutSeconds`. */
  endWatches(): void {
    for (const { response } of this.#watching) response.end()
    this.#watching.clear()
  }

  /** Changes until now are forgotten: who goes on from before is told that they are gone. */
  compact(): void {
    this.#oldest = this.#version
    this.#changes = []
  }

  /** The cluster is put back from a backup that is `by` versions old; its pods are what they are now. */
  restore(by: number): void {
    this.#version -= by
    this.#changes = []
    this.#oldest = this.#version
    this.cut()
  }

  /** A watch that has been told of everything is told how far that is. */
  bookmark(): void {
    this.#version++
    const object = { kind: 'Pod', apiVersion: 'v1', metadata: { resourceVersion: String(this.#version) } }
    this.#send({ version: this.#version, type: 'BOOKMARK', object })
  }

  /** The same bytes as they stand, to every watch. */
  write(text: string): void {
    for (const { response } of this.#watching) response.write(text)
  }

  /** A watch that cannot go on says so by an event. */
  fail(code: number, reason: string): void {
    const object = {
      kind: 'Status',
      apiVersion: 'v1',
      status: 'Failure',
      message: `${reason} at ${this.#version}`,
      reason,
      code,
    }
    for (const { response } of this.#watching) response.end(`${JSON.stringify({ type: 'ERROR', object })}\n`)
    this.#watching.clear()
  }

  /** Makes or changes a pod; returns its uid. */
  put(given: PodGiven): string {
    const key = `${given.namespace ?? 'default'}/${given.name}`
    const known = this.#pods.get(key)
    const uid =
      given.uid ?? ((known?.metadata as Json | undefined)?.uid as string | undefined) ?? randomUUID()
    this.#version++
    const object = podOf({ ...given, uid }, this.#version)
    this.#pods.set(key, object)
    this.#change(known ? 'MODIFIED' : 'ADDED', object)
    return uid
  }

  remove(name: string, namespace = 'default'): void {
    const key = `${namespace}/${name}`
    const known = this.#pods.get(key)
    if (!known) throw new Error(`there is no pod ${key}`)
    this.#pods.delete(key)
    this.#version++
    const object = {
      ...known,
      metadata: { ...(known.metadata as Json), resourceVersion: String(this.#version) },
    }
    this.#change('DELETED', object)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.away()
  }

  #change(type: string, object: Json): void {
    const change = { version: this.#version, type, object }
    this.#changes.push(change)
    this.#send(change)
  }

  #send({ version, type, object }: Change): void {
    for (const { response, node, from } of this.#watching) {
      // Who watches from a version that there is not yet is told of nothing before that.
      if (version > from && (type === 'BOOKMARK' || nodeOf(object) === node))
        response.write(`${JSON.stringify({ type, object })}\n`)
    }
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', this.url)
    this.requests.push(url)
    this.authorizations.push(request.headers.authorization)
    const fault = this.#faultOf(request, url)
    if (fault) {
      const { code, reason, retryAfter } = fault
      response.writeHead(code, {
        'content-type': 'application/json',
        ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }),
      })
      response.end(
        JSON.stringify({
          kind: 'Status',
          apiVersion: 'v1',
          status: 'Failure',
          message: `pods: ${reason}`,
          reason,
          code,
        }),
      )
      return
    }
    const node = /^spec\.nodeName=(.+)$/.exec(url.searchParams.get('fieldSelector') ?? '')?.[1] ?? ''
    if (url.searchParams.get('watch') === 'true') this.#watch(url, node, response)
    else this.#list(url, node, response)
  }

  #faultOf(request: IncomingMessage, url: URL): typeof this.refuse {
    if (this.refuse) return this.refuse
    if (this.token !== undefined && request.headers.authorization !== `Bearer ${this.token}`)
      return { code: 401, reason: 'Unauthorized' }
    if (url.pathname !== '/api/v1/pods') return { code: 404, reason: 'NotFound' }
    return undefined
  }

  /** Pages of `limit`, but from the cache (`resourceVersion=0`) all at once, as API servers do. */
  #list(url: URL, node: string, response: ServerResponse): void {
    const pods = [...this.#pods.values()].filter((pod) => nodeOf(pod) === node)
    const { searchParams } = url
    const limit =
      searchParams.get('resourceVersion') === '0' ? pods.length : Number(searchParams.get('limit') ?? 500)
    const from = Number(searchParams.get('continue') ?? 0)
    const isMore = from + limit < pods.length
    const metadata = {
      resourceVersion: String(this.#version),
      ...(isMore && { continue: String(from + limit) }),
    }
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(
      JSON.stringify({ kind: 'PodList', apiVersion: 'v1', metadata, items: pods.slice(from, from + limit) }),
    )
  }

  #watch(url: URL, node: string, response: ServerResponse): void {
    const from = Number(url.searchParams.get('resourceVersion'))
    response.writeHead(200, { 'content-type': 'application/json', 'transfer-encoding': 'chunked' })
    response.flushHeaders()
    const watching: Watching = { response, node, from }
    if (from < this.#oldest) {
      const object = {
        kind: 'Status',
        apiVersion: 'v1',
        status: 'Failure',
        message: `too old resource version: ${from} (${this.#oldest})`,
        reason: 'Expired',
        code: 410,
      }
      response.end(`${JSON.stringify({ type: 'ERROR', object })}\n`)
      return
    }
    this.#watching.add(watching)
    response.on('close', () => this.#watching.delete(watching))
    for (const { version, type, object } of this.#changes) {
      if (version > from && nodeOf(object) === node) response.write(`${JSON.stringify({ type, object })}\n`)
    }
  }
}

const nodeOf = (pod: Json): string => String((pod.spec as Json | undefined)?.nodeName)

function podOf(given: PodGiven & { readonly uid: string }, version: number): Json {
  const {
    name,
    namespace = 'default',
    uid,
    node = 'node-1',
    labels,
    annotations,
    owner,
    containers = ['app'],
  } = given
  const { created = '2026-11-30T10:00:00Z', initContainers = [], containerIds = [] } = given
  const container = (one: string) => ({ name: one, image: `registry.example/${one}:1.2.3`, resources: {} })
  return {
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: {
      name,
      namespace,
      uid,
      resourceVersion: String(version),
      creationTimestamp: created,
      ...(labels && { labels }),
      ...(annotations && { annotations }),
      ...(owner && {
        ownerReferences: [
          {
            apiVersion: 'apps/v1',
            kind: owner.kind,
            name: owner.name,
            uid: randomUUID(),
            controller: true,
            blockOwnerDeletion: true,
          },
        ],
      }),
      managedFields: [{ manager: 'kubelet', operation: 'Update', apiVersion: 'v1' }],
    },
    spec: {
      containers: containers.map(container),
      ...(initContainers.length > 0 && { initContainers: initContainers.map(container) }),
      nodeName: node,
      serviceAccountName: 'default',
    },
    status: {
      phase: 'Running',
      containerStatuses: containers.map((one, i) => ({
        name: one,
        restartCount: 0,
        ...(containerIds[i] && { containerID: `containerd://${containerIds[i]}` }),
      })),
    },
  }
}
