/** A receiver that listens, at one address or several: it starts and stops with its listeners. */
import type { Receiver } from '../receiver.ts'
import { shownAddress } from './exposure.ts'
import type { Listener } from './listener.ts'

export interface Listened {
  readonly listener: Listener
  /** What is spoken there, for people: `OTLP/HTTP`. */
  readonly shown: string
}

/** All that has no listener is left out. */
export function listeningReceiver(name: string, parts: readonly (Listened | undefined)[]): Receiver {
  const listened = parts.filter((part) => part !== undefined)
  return {
    name,
    // A server has no end to catch up with.
    caughtUp: new Promise(() => {}),
    describe: () => ({
      verb: 'listens',
      what: listened.map(({ listener, shown }) => `${shownAddress(listener.address)} ${shown}`).join(', '),
    }),
    async start() {
      for (const { listener } of listened) await listener.start()
    },
    async stop() {
      await Promise.all(listened.map(({ listener }) => listener.stop()))
    },
  }
}
