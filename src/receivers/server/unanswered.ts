/**
 * Requests of a connection that came whole and wait for their answer. Behind them something may come that is no request, as
 * from a client that counts its bytes wrongly: what it is told of that must not pass for the answer to what is being committed.
 */
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'

export class Unanswered {
  readonly #requests = new WeakMap<Socket, Set<IncomingMessage>>()
  readonly #acts = new WeakMap<Socket, () => void>()

  came(request: IncomingMessage): void {
    const requests = this.#requests.get(request.socket) ?? new Set()
    this.#requests.set(request.socket, requests.add(request))
  }

  answered(request: IncomingMessage): void {
    this.#requests.get(request.socket)?.delete(request)
    this.#look(request.socket)
  }

  /** The one that has begun to come, and has not come whole. */
  unfinished(socket: Socket): IncomingMessage | undefined {
    for (const request of this.#requests.get(socket) ?? []) if (!request.complete) return request
    return undefined
  }

  /** Calls `act` once all that came whole are answered. */
  after(socket: Socket, act: () => void): void {
    this.#acts.set(socket, act)
    this.#look(socket)
  }

  #look(socket: Socket): void {
    const act = this.#acts.get(socket)
    if (act === undefined) return
    for (const { complete } of this.#requests.get(socket) ?? []) if (complete) return
    this.#acts.delete(socket)
    act()
  }
}
