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
    const hanging = new Hanging(asking, address.address, question.id)
    signal.addEventListener('abort', hanging.up, { once: true })
    try {
      if (signal.aborted) hanging.up()
      const answer = await answerTo(asking, body)
      const heard: Tell = (message) => {
        if (message.kind === 'begun') hanging.hasBegun = true
        tell(message)
      }
      return answer && (await conversation(answer, heard))
    } catch (error) {
      if (!hanging.isOver) throw error
      // It had not begun.
      return nothingDone
    } finally {
      signal.removeEventListener('abort', hanging.up)
    }
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

async function conversation(answer: IncomingMessage, tell: Tell): Promise<EndMessage> {
  for await (const line of linesOf(answer)) {
    const message = operationMessage.parse(JSON.parse(line))
    if (message.kind === 'error') throw errorOf(message)
    tell(message)
    if (message.kind === 'end') return message
  }
  throw new Error('it ended before it was done')
}

/** Asks the agent to end it, and goes on listening; where it does not know of it yet, the connection goes. */
class Hanging {
  /** From then on the agent says how it ended, and is waited for. */
  hasBegun = false
  /** The connection was closed from here. */
  isOver = false
  readonly up: () => void

  constructor(asking: ClientRequest, socketPath: string, id: string) {
    const leave = () => {
      if (this.hasBegun) return
      this.isOver = true
      asking.destroy()
    }
    const ask = (unknown: () => void) => {
      const path = `/operations/${id}`
      request({ socketPath, path, method: 'DELETE' }, (answer) => {
        answer.resume()
        if (answer.statusCode === 404) unknown()
      })
        .on('error', leave)
        .end()
    }
    // What had not begun when the agent said so may have begun since. Once it has, an id that is not known is one that has ended.
    this.up = () => ask(() => (this.hasBegun ? ask(() => {}) : leave()))
  }
}

const nothingDone: EndMessage = {
  kind: 'end',
  outcome: 'ended',
  events: 0,
  accepted: 0,
  refused: 0,
  removed: 0,
  settled_seq: null,
  missing: [],
  reason: 'it was ended before it began',
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
