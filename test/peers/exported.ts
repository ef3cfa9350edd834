/** What a journal holds, as output lines, once its agent has ended; and whether a destination has the same. */
import { AffiantProcess } from '../e2e/agent-process.ts'

export async function exportedLines(config: string, env: NodeJS.ProcessEnv = {}): Promise<string[]> {
  await using exporting = new AffiantProcess(['journal', 'export', '-c', config], { env })
  const { code, stdout, stderr } = await exporting.result()
  if (code !== 0) throw new Error(`journal export ended with ${code}: ${stderr}`)
  return stdout.split('\n').filter(Boolean)
}

export interface Comparison {
  /** Lines that the destination does not have, and those that the journal does not have so. */
  readonly missing: readonly string[]
  readonly foreign: readonly string[]
  /** Lines that it has more than once. */
  readonly twice: number
}

export const equal: Comparison = { missing: [], foreign: [], twice: 0 }

/** The agent's word that it has stopped may be missing: its sinks may have stopped before. */
export function compare(journal: readonly string[], destination: readonly string[]): Comparison {
  const known = new Set(journal)
  const found = new Set(destination)
  return {
    missing: journal.filter((line) => !found.has(line) && !line.includes('"affiant.agent.stopped"')),
    foreign: destination.filter((line) => !known.has(line)),
    twice: destination.length - found.size,
  }
}
