/** Asks the agent that runs on a data directory to do something, at its control socket, and hears how it goes. */
import { once } from 'node:events'
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { controlAddress, controlPath } from '../agent/control-address.ts'
import {
  type EndMessage,
  type OperationMessage,
  type OperationRequest,
  operationMessage,
} from '../agent/operation.ts'
import { AffiantError, asError, type ErrorCode, errorTable, systemCode } from '../errors.ts'

export type Tell = (message: OperationMessage) => void

/**
 * Undefined when no agent listens there. `signal` asks it to end what it does; it then says how far it came.
 * @throws AffiantError what the agent says, or agent_not_answering
 */
export async function askControl(
  dataDir: string,
  question: OperationRequest,
  tell: Tell,
  signal: AbortSignal,
): Promise<EndMessage | undefined> {
  let address: ReturnType<typeof controlAddress>
  try {
    address = controlAddress(dataDir)
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined
    throw notAnswering(dataDir, error)
  }
  try {
    const body = JSON.stringify(question)
    const asking = request({
      socketPath: address.address,
      path: '/operations',
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
    })
    const answer = await answerTo(asking, body)
    if (answer === undefined) return undefined
    return await conversation(answer, asking, address.address, tell, signal)
  } catch (error) {
    throw error instanceof AffiantError ? error : notAnswering(dataDir, error)
  } finally {
    address[Symbol.dispose]()
  }
}

async function answerTo(asking: ClientRequest, body: string): Promise<IncomingMessage | undefined> {
  try {
    const answered = once(asking, 'response')
    asking.end(body)
    const [answer]: IncomingMessage[] = await answered
    return answer
  } catch (error) {
    const code = systemCode(error)
    if (code === 'ENOENT' || code === 'ECONNREFUSED') return undefined
    throw error
  }
}

async function conversation(
  answer: IncomingMessage,
  asking: ClientRequest,
  socketPath: string,
  tell: Tell,
  signal: AbortSignal,
): Promise<EndMessage> {
  let id: string | undefined
  const cancel = () => {
    if (id === undefined) asking.destroy()
    else
      request({ socketPath, path: `/operations/${id}`, method: 'DELETE' })
        .on('error', () => {})
        .end()
  }
  signal.addEventListener('abort', cancel, { once: true })
  try {
    for await (const line of linesOf(answer)) {
      const message = operationMessage.parse(JSON.parse(line))
      if (message.kind === 'error') throw errorOf(message)
      if (message.kind === 'begun') {
        id = message.id
        if (signal.aborted) cancel()
      }
      tell(message)
      if (message.kind === 'end') return message
    }
    throw new Error('it ended before it was done')
  } finally {
    signal.removeEventListener('abort', cancel)
  }
}

async function* linesOf(answer: IncomingMessage): AsyncGenerator<string> {
  answer.setEncoding('utf8')
  let rest = ''
  for await (const part of answer as AsyncIterable<string>) {
    const lines = (rest + part).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
}

function errorOf({ code, message, hint }: Extract<OperationMessage, { kind: 'error' }>): AffiantError {
  const known = (Object.keys(errorTable) as ErrorCode[]).find((each) => each === code) ?? 'internal'
  return new AffiantError(known, message, hint === null ? {} : { hint })
}

function notAnswering(dataDir: string, error: unknown): AffiantError {
  return new AffiantError(
    'agent_not_answering',
    `the agent on ${dataDir} does not answer at ${controlPath(dataDir)}: ${asError(error).message}`,
    {
      hint: 'only the user it runs as, and root, may ask it; affiant status says whether it runs',
      cause: error,
    },
  )
}
