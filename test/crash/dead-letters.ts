/** Numbered lines that a sink refused for good, as `data_dir/dlq` keeps them. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { numberOf } from './numbered-sink.ts'

export function deadLettersIn(dataDir: string, sink: string): Set<number> {
  const found = new Set<number>()
  const directory = join(dataDir, 'dlq', sink)
  for (const name of list(directory)) {
    const text = readFileSync(join(directory, name), 'utf8')
    // The last line of a run that was killed may be torn: its event is unsettled, and kept once more.
    for (const line of text.slice(0, text.lastIndexOf('\n') + 1).split('\n')) {
      const n = line === '' ? undefined : numberOf(JSON.parse(line).event)
      if (n !== undefined) found.add(n)
    }
  }
  return found
}

function list(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}
