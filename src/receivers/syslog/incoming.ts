/**
 * What comes on a connection, piece by piece: the next is read from the system only when somebody asks for it, and all
 * connections together have room.
 */
import type { Socket } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { mostOf } from './frame.ts'
import type { Held, Part } from './held.ts'

export interface IncomingOptions {
  readonly held: Held
  /** Aborted when the receiver stops. */
  readonly stopping: AbortSignal
  /** Called when it ends because of what all connections hold. */
  readonly givenUp: () => void
}

export class Incoming {
  readonly #socket: Socket
  readonly #part: Part
  readonly #pieces: Buffer[] = []
  #ended = false
  #isClean = false
  #wake: (() => void) | undefined

  constructor(socket: Socket, { held, stopping, givenUp }: IncomingOptions) {
    this.#socket = socket
    this.#part = held.part({
      pause: () => socket.pause(),
      resume: () => socket.resume(),
      giveUp: () => {
        givenUp()
        this.end()
      },
    })
    const wake = () => this.#wake?.()
    socket.pause()
    socket.on('data', (piece: Buffer) => {
      this.#pieces.push(piece)
      socket.pause()
      this.#part.work()
      this.#part.bytes += mostOf(piece)
      wake()
    })
    socket.on('end', () => {
      this.#isClean = true
      this.end()
    })
    // The error is in the 'close' that follows.
    socket.on('error', () => {})
    socket.on('close', () => this.end())
    stopping.addEventListener('abort', wake)
    socket.once('close', () => stopping.removeEventListener('abort', wake))
  }

  /** Whether the sender has said that nothing more comes. */
  get isClean(): boolean {
    return this.#isClean
  }

  /** Whether it waits for the sender. */
  get isWaiting(): boolean {
    return this.#part.isReading
  }

  /** What is kept of the pieces that were taken, in bytes, until something else is said. */
  keeps(bytes: number): void {
    this.#part.bytes = bytes
  }

  /** Nothing more is waited for. */
  end(): void {
    this.#ended = true
    this.#wake?.()
  }

  /** The next piece; undefined when there is none any more, or `signal` aborts first. */
  async next(signal: AbortSignal): Promise<Buffer | undefined> {
    while (this.#pieces.length === 0 && !this.#ended && !signal.aborted) {
      const woken = new Promise<void>((resolve) => {
        this.#wake = resolve
      })
      this.#part.wait()
      await woken
      this.#wake = undefined
      this.#part.work()
    }
    return this.#pieces.shift()
  }

  /** What has arrived already; undefined when there is nothing of that. */
  async arrived(): Promise<Buffer | undefined> {
    if (this.#pieces.length === 0 && !this.#ended) {
      this.#socket.resume()
      // The system is asked between two of these.
      await setImmediate()
      await setImmediate()
      this.#socket.pause()
    }
    return this.#pieces.shift()
  }

  /** Nothing is kept any more. */
  leave(): void {
    this.#part.leave()
  }
}
