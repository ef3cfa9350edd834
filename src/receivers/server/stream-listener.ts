/** A listener with a stream of its own for what comes there. */
import type { Intake } from '../receiver.ts'
import { authenticationOf } from './credentials.ts'
import type { Duplicates } from './duplicates.ts'
import type { AuthConfig } from './entitled.ts'
import { shownAddress } from './exposure.ts'
import { IntakeStream } from './intake-stream.ts'
import { Listener, type ListenerOptions, type Server } from './listener.ts'
import type { TlsFiles } from './tls-files.ts'

export interface StreamListenerOptions extends Omit<ListenerOptions, 'authenticates' | 'open'> {
  readonly intake: Intake
  /** For the stream's `affiant.stream.opened` event: `otlp/grpc`. */
  readonly protocol: string
  /** Who may send; absent where that is not asked. */
  readonly auth?: AuthConfig | undefined
  readonly duplicates?: Duplicates | undefined
  /** As a listener's, for records of `stream`. */
  readonly open: (stream: IntakeStream, tls: TlsFiles | undefined, stopping: AbortSignal) => Server
}

export function streamListener(options: StreamListenerOptions): Listener {
  const { intake, protocol, auth, duplicates, open, ...rest } = options
  const { receiver, tls, clock } = rest
  const stream = new IntakeStream({
    receiver,
    intake,
    clock,
    duplicates,
    metadata: () => ({
      protocol,
      listen: shownAddress(listener.address),
      tls: tls !== undefined,
      authentication: authenticationOf(auth, tls?.client_ca),
    }),
  })
  const listener: Listener = new Listener({
    ...rest,
    authenticates: auth !== undefined,
    open: (files, stopping) => open(stream, files, stopping),
  })
  return listener
}
