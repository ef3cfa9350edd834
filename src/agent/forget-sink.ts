/** `affiant sink forget` of a running agent: the journal keeps nothing any longer for a sink that it does not have. */
import { z } from 'zod'
import { AffiantError } from '../errors.ts'
import type { Journal } from '../journal/contract.ts'
import { readCursors } from '../journal/cursor-file.ts'
import { removeForgottenNote } from '../journal/forget-cursor.ts'
import { nodeFileSystem } from '../journal/node-file-system.ts'
import { type Requester, requester } from './operation.ts'
import type { OwnLog } from './own-log.ts'
import { sinkForgotten } from './sink-notes.ts'

export const forgetRequest = z.strictObject({ sink: z.string().max(256), requested_by: requester })

export const forgottenMessage = z.strictObject({
  kind: z.literal('forgotten'),
  sink: z.string(),
  /** Everything below was settled; null where its cursor did not say. */
  settled: z.number().int().nullable(),
})

export type ForgottenMessage = z.output<typeof forgottenMessage>

export interface ForgetHost {
  readonly dataDir: string
  readonly journal: Pick<Journal, 'forgetCursor'>
  readonly ownLog: Pick<OwnLog, 'write'>
  /** Names of those that it has. */
  readonly configured: () => readonly string[]
}

/** `names`: those for which it keeps something. */
export function sinkNotFound(dataDir: string, name: string, names: readonly string[]): AffiantError {
  const hint = names.length === 0 ? 'there is none at all' : `there are: ${names.join(', ')}`
  return new AffiantError('sink_not_found', `${dataDir} keeps nothing for a sink ${name}`, { hint })
}

/** Nothing may reload meanwhile. @throws AffiantError usage, sink_not_found */
export async function forgetSink(
  name: string,
  asking: Requester,
  { dataDir, journal, ownLog, configured }: ForgetHost,
): Promise<ForgottenMessage> {
  if (configured().includes(name)) {
    throw new AffiantError('usage', `the agent on ${dataDir} has a sink ${name}`, {
      hint: 'take it out of the configuration and reload first; what it has not had then stays for it until it is forgotten',
    })
  }
  const forgotten = await journal.forgetCursor(name)
  if (forgotten === null) {
    const { cursors, damaged } = await readCursors(nodeFileSystem, dataDir)
    throw sinkNotFound(dataDir, name, [...cursors.map((cursor) => cursor.name), ...damaged])
  }
  // Else the next start does that.
  if (await ownLog.write(sinkForgotten(forgotten, asking))) {
    await removeForgottenNote(nodeFileSystem, dataDir, name)
  }
  return { kind: 'forgotten', sink: name, settled: forgotten.settled }
}
