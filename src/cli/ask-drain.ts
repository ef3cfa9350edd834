/** Asks the agent that runs on a data directory to drain, at its control socket, and hears how it goes. */
import { readAgentFile } from '../agent/agent-file.ts'
import { type DrainEnd, type DrainMessage, type DrainRequest, drainMessage } from '../agent/drain-message.ts'
import { AffiantError } from '../errors.ts'
import { noAgent } from './ask-agent.ts'
import { ControlQuestion, conversation, noSocket, notAnswering } from './control-question.ts'

/**
 * `signal`: it is not waited for any longer; undefined then. The agent goes on.
 * @throws AffiantError what the agent says, agent_not_running, agent_not_answering
 */
export async function askDrain(
  dataDir: string,
  question: DrainRequest,
  tell: (message: DrainMessage) => void,
  signal: AbortSignal,
): Promise<DrainEnd | undefined> {
  try {
    using asked = ControlQuestion.open(dataDir, '/drain', question)
    if (asked === undefined) throw noAgent(dataDir)
    const leave = () => asked.asking.destroy()
    signal.addEventListener('abort', leave, { once: true })
    try {
      if (signal.aborted) leave()
      const answer = await asked.answer()
      if (answer === undefined) throw noSocket(dataDir)
      return await conversation(answer, drainMessage, tell, isEnd)
    } finally {
      signal.removeEventListener('abort', leave)
    }
  } catch (error) {
    if (signal.aborted) return undefined
    if (!(error instanceof AffiantError)) throw notAnswering(dataDir, error)
    // It knows the socket, and not this question.
    throw error.code === 'not_found' ? tooOld(dataDir) : error
  }
}

const isEnd = (message: DrainMessage): message is DrainEnd => message.kind === 'end'

function tooOld(dataDir: string): AffiantError {
  const { version = '', pid = 0 } = readAgentFile(dataDir) ?? {}
  return new AffiantError(
    'agent_not_answering',
    `the agent on ${dataDir} (process ${pid}, version ${version}) is older than this command: it cannot be asked to drain`,
    { hint: 'SIGTERM drains it for as long as its agent.drain says' },
  )
}
