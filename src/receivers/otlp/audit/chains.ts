/**
 * All chains of a receiver, each a stream of the journal of its own: how far one is lies in the same block as the records that
 * led there, so that the two cannot disagree after a crash.
 *
 * Invariants: a chain is moved by one request at a time, and only by what is committed. Those that were used last are
 * remembered, within a bound; of one that was forgotten the next record is as the first that came.
 */
import { hash } from 'node:crypto'
import type { KnownStream } from '../../receiver.ts'
import type { IntakeStream, LastingStream } from '../../server/intake-stream.ts'
import { decodeChain, encodeChain } from './chain-descriptor.ts'
import type { ChainState } from './link.ts'

/** Remembered at a time. */
const mostChains = 4_096

export interface ChainsOptions {
  readonly receiver: string
  /** Streams of before the restart, other receivers' among them. */
  readonly known: readonly KnownStream[]
  /** The journal need not know it any more. */
  readonly forget: (stream: string) => void
  /** @default 4096 */
  readonly most?: number
}

export class Chain {
  readonly id: string
  readonly #receiver: string
  state: ChainState | undefined
  /** `provenance.index` of the next record that is committed, at least. */
  next: number
  stream: IntakeStream | undefined
  /** Settles when nobody holds it any more. */
  turn: Promise<void> = Promise.resolve()
  /** Requests that hold it, or wait for it. */
  users = 0

  constructor(id: string, receiver: string, known?: { readonly state: ChainState; readonly next: number }) {
    this.id = id
    this.#receiver = receiver
    this.state = known?.state
    this.next = known?.next ?? 0
  }

  get lasting(): LastingStream {
    return { id: this.id, index: this.next }
  }

  /** For the journal: as it is once records up to the index `next` have led to `state`. */
  descriptor(state: ChainState, next: number): Uint8Array {
    return encodeChain({ receiver: this.#receiver, next, state })
  }
}

/** Which chain a record is of: its sender's, whatever others call theirs. */
export function chainId(receiver: string, sender: string, stream: string): string {
  const parts = ['audit chain', receiver, sender, stream]
  return hash('sha256', parts.map((part) => `${part.length}:${part}`).join('')).slice(0, 32)
}

export class Chains {
  readonly #options: ChainsOptions
  readonly #most: number
  /** The one that was used last behind all others. */
  readonly #chains = new Map<string, Chain>()

  constructor(options: ChainsOptions) {
    this.#options = options
    this.#most = options.most ?? mostChains
    for (const { id, descriptor } of options.known) {
      const chain = decodeChain(descriptor)
      if (chain?.receiver === options.receiver) this.#chains.set(id, new Chain(id, options.receiver, chain))
    }
  }

  /** Waits for those that others hold. All have to be given back, by what is returned. */
  async hold(
    ids: Iterable<string>,
  ): Promise<{ readonly chains: ReadonlyMap<string, Chain>; readonly release: () => void }> {
    const held = new Map<string, Chain>()
    const ends: (() => void)[] = []
    // In one order for all: nobody waits for who waits for him.
    for (const id of [...new Set(ids)].sort()) {
      const chain = this.#use(id)
      const before = chain.turn
      const { promise, resolve } = Promise.withResolvers<void>()
      chain.turn = promise
      ends.push(resolve)
      held.set(id, chain)
      await before
    }
    const release = () => {
      for (const end of ends) end()
      for (const chain of held.values()) chain.users--
      this.#forgetOldest()
    }
    return { chains: held, release }
  }

  #use(id: string): Chain {
    const chain = this.#chains.get(id) ?? new Chain(id, this.#options.receiver)
    chain.users++
    this.#chains.delete(id)
    this.#chains.set(id, chain)
    return chain
  }

  #forgetOldest(): void {
    if (this.#chains.size <= this.#most) return
    for (const [id, { users }] of this.#chains) {
      if (users > 0) continue
      this.#chains.delete(id)
      this.#options.forget(id)
      if (this.#chains.size <= this.#most) return
    }
  }
}
