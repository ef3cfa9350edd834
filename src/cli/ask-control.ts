/** Asks the agent that runs on a data directory to do something, at its control socket, and hears how it goes. */
import { type ClientRequest, request } from 'node:http'
import {
  type EndMessage,
  type OperationMessage,
  type OperationRequest,
  operationMessage,
} from '../agent/operation.ts'
import { AffiantError } from '../errors.ts'
import { ControlQuestion, conversation, notAnswering } from './control-question.ts'

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
  try {
    using asked = ControlQuestion.open(dataDir, '/operations', question)
    if (asked === undefined) return undefined
    const hanging = new Hanging(asked.asking, asked.socketPath, question.id)
    signal.addEventListener('abort', hanging.up, { once: true })
    try {
      if (signal.aborted) hanging.up()
      const answer = await asked.answer()
      const heard: Tell = (message) => {
        if (message.kind === 'begun') hanging.hasBegun = true
        tell(message)
      }
      return answer && (await conversation(answer, operationMessage, heard, isEnd))
    } catch (error) {
      if (!hanging.isOver) throw error
      // It had not begun.
      return nothingDone
    } finally {
      signal.removeEventListener('abort', hanging.up)
    }
  } catch (error) {
    throw error instanceof AffiantError ? error : notAnswering(dataDir, error)
  }
}

const isEnd = (message: OperationMessage): message is EndMessage => message.kind === 'end'

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
