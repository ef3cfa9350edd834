/** Asks the agent that runs on a data directory to forget a sink, at its control socket. */
import { errorMessage } from '../agent/control-error.ts'
import { type ForgottenMessage, forgottenMessage } from '../agent/forget-sink.ts'
import type { Requester } from '../agent/operation.ts'
import { AffiantError } from '../errors.ts'
import { ControlQuestion, conversation, notAnswering } from './control-question.ts'

/**
 * Undefined when no agent listens there.
 * @throws AffiantError what the agent says, agent_not_answering
 */
export async function askForget(
  dataDir: string,
  sink: string,
  requester: Requester,
): Promise<ForgottenMessage | undefined> {
  try {
    using asked = ControlQuestion.open(dataDir, '/forget', { sink, requested_by: requester })
    const answer = await asked?.answer()
    return answer && (await conversation(answer, forgottenMessage.or(errorMessage), () => {}, isForgotten))
  } catch (error) {
    throw error instanceof AffiantError ? error : notAnswering(dataDir, error)
  }
}

const isForgotten = (message: ForgottenMessage): message is ForgottenMessage => message.kind === 'forgotten'
