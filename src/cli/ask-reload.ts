/** Asks the agent that runs on a data directory to read its configuration again, at its control socket. */
import { errorMessage } from '../agent/control-error.ts'
import type { Requester } from '../agent/operation.ts'
import { type ReloadReport, reloadReport } from '../agent/reload-report.ts'
import { AffiantError } from '../errors.ts'
import { ControlQuestion, conversation, noSocket, notAnswering } from './control-question.ts'

/** @throws AffiantError what the agent says, agent_not_running, agent_not_answering */
export async function askReload(dataDir: string, requester: Requester): Promise<ReloadReport> {
  try {
    using asked = ControlQuestion.open(dataDir, '/reload', { requested_by: requester })
    const answer = await asked?.answer()
    if (answer === undefined) throw noSocket(dataDir)
    return await conversation(answer, reloadReport.or(errorMessage), () => {}, isReport)
  } catch (error) {
    throw error instanceof AffiantError ? error : notAnswering(dataDir, error)
  }
}

const isReport = (message: ReloadReport): message is ReloadReport => message.kind === 'reloaded'
