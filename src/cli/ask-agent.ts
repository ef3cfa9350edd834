/** Asks the agent that runs on a data directory, at its telemetry address. */
import type { z } from 'zod'
import type { AgentFile } from '../agent/agent-file.ts'
import { AffiantError, asError } from '../errors.ts'

/** Milliseconds: ten thousand files are asked for their sizes in well under one. */
const patience = 30_000

export interface Question<Schema extends z.ZodType> {
  readonly path: string
  /** Another program may listen on that port by now. */
  readonly schema: Schema
  /** Why an answer of another shape is none: `its answer is no …`. */
  readonly otherwise: string
  /** Statuses besides 2xx that come with such an answer. @default none */
  readonly also?: readonly number[]
}

/** @throws AffiantError agent_not_answering */
export async function askAgent<Schema extends z.ZodType>(
  { pid, telemetry }: AgentFile,
  dataDir: string,
  { path, schema, otherwise, also = [] }: Question<Schema>,
): Promise<z.output<Schema>> {
  if (telemetry === undefined) {
    throw new AffiantError('agent_not_answering', `the agent on ${dataDir} (process ${pid}) is starting`, {
      hint: 'try again in a moment; affiant run says when it is ready',
    })
  }
  const url = `http://${reachable(telemetry)}${path}`
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(patience) })
    if (!answer.ok && !also.includes(answer.status)) throw new Error(`HTTP ${answer.status}`)
    const parsed = schema.safeParse(await answer.json())
    if (!parsed.success) throw new Error(otherwise)
    return parsed.data
  } catch (thrown) {
    const { message, cause } = asError(thrown)
    const why = cause instanceof Error ? cause.message : message
    throw new AffiantError(
      'agent_not_answering',
      `the agent on ${dataDir} (process ${pid}) does not answer at ${url}: ${why}`,
      {
        hint: 'is that process an agent? If it is gone for good, remove agent.json in the data directory',
        cause: thrown,
      },
    )
  }
}

export function noAgent(dataDir: string): AffiantError {
  return new AffiantError('agent_not_running', `no agent runs on ${dataDir}`, {
    hint: 'start one with affiant run, or name its configuration with -c',
  })
}

/** Listening everywhere includes here, by IPv4 too: where IPv6 is switched off, nobody is at ::1. */
const reachable = (address: string): string => address.replace(/^(?:0\.0\.0\.0|\[::\]):/, '127.0.0.1:')
