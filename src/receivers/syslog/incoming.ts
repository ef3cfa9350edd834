/** What comes on a connection, piece by piece: the next is read from the system only when somebody asks for it. */
import type { Socket } from 'node:net'
import { setImmediate } from 'node:timers/promises'

export class Incoming {
  readonly #socket: Socket
  readonly #pieces: Buffer[] = []
  #ended = false
  #isClean = false
  #wake: (() => void) | undefined

  constructor(socket: Socket, stopping: AbortSignal) {
    this.#socket = socket
    const wake = () => this.#wake?.()
    socket.pause()
    socket.on('data', (piece: Buffer) => {
      this.#pieces.push(piece)
      socket.pause()
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
    return this.#wake !== undefined
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
      this.#socket.resume()
      await woken
      this.#wake = undefined
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
}
