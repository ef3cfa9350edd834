/** One question at the control socket of the agent that runs on a data directory; the answer is lines of JSON. */
import { once } from 'node:events'
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import type { z } from 'zod'
import { readAgentFile } from '../agent/agent-file.ts'
import { type ControlAddress, controlAddress, controlPath } from '../agent/control-address.ts'
import type { ErrorMessage } from '../agent/control-error.ts'
import { AffiantError, asError, type ErrorCode, errorTable, systemCode } from '../errors.ts'
import { noAgent } from './ask-agent.ts'

export class ControlQuestion implements Disposable {
  readonly asking: ClientRequest
  readonly #address: ControlAddress
  readonly #body: string

  private constructor(address: ControlAddress, path: string, question: object) {
    this.#address = address
    this.#body = JSON.stringify(question)
    this.asking = request({
      socketPath: address.address,
      path,
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(this.#body) },
    })
  }

  /** Undefined when there is no data directory. */
  static open(dataDir: string, path: string, question: object): ControlQuestion | undefined {
    try {
      return new ControlQuestion(controlAddress(dataDir), path, question)
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return undefined
      throw error
    }
  }

  get socketPath(): string {
    return this.#address.address
  }

  /** Undefined when nobody listens there. */
  async answer(): Promise<IncomingMessage | undefined> {
    try {
      const answered = once(this.asking, 'response')
      this.asking.end(this.#body)
      const [answer]: IncomingMessage[] = await answered
      return answer
    } catch (error) {
      const code = systemCode(error)
      if (code === 'ENOENT' || code === 'ECONNREFUSED') return undefined
      throw error
    }
  }

  [Symbol.dispose](): void {
    this.#address[Symbol.dispose]()
  }
}

/**
 * What is answered, message by message, the end included.
 * @throws AffiantError what the agent says
 */
export async function conversation<Message extends { readonly kind: string }, End extends Message>(
  answer: IncomingMessage,
  schema: z.ZodType<Message | ErrorMessage>,
  tell: (message: Message) => void,
  isEnd: (message: Message) => message is End,
): Promise<End> {
  for await (const line of linesOf(answer)) {
    const message = schema.parse(JSON.parse(line))
    if (isError(message)) throw errorOf(message)
    tell(message)
    if (isEnd(message)) return message
  }
  throw new Error('it ended before it was done')
}

const isError = (message: { readonly kind: string }): message is ErrorMessage => message.kind === 'error'

async function* linesOf(answer: IncomingMessage): AsyncGenerator<string> {
  answer.setEncoding('utf8')
  let rest = ''
  for await (const part of answer as AsyncIterable<string>) {
    const lines = (rest + part).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
}

function errorOf({ code, message, hint }: ErrorMessage): AffiantError {
  const known = (Object.keys(errorTable) as ErrorCode[]).find((each) => each === code) ?? 'internal'
  return new AffiantError(known, message, hint === null ? {} : { hint })
}

/** An agent that could not make its socket says so in its log, and runs all the same. */
export function noSocket(dataDir: string): AffiantError {
  if (!readAgentFile(dataDir)?.running) return noAgent(dataDir)
  return new AffiantError('agent_not_answering', `the agent on ${dataDir} has no control socket there`, {
    hint: 'it is starting or stopping, or its log says why it has none',
  })
}

export function notAnswering(dataDir: string, error: unknown): AffiantError {
  return new AffiantError(
    'agent_not_answering',
    `the agent on ${dataDir} does not answer at ${controlPath(dataDir)}: ${asError(error).message}`,
    {
      hint: 'only the user it runs as, and root, may ask it; affiant status says whether it runs',
      cause: error,
    },
  )
}
