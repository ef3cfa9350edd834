/** `affiant attribution …` */
import type { Command } from 'commander'
import { AffiantError } from '../errors.ts'
import { collect } from './config-option.ts'
import type { PlaceOptions } from './journal-place.ts'

export function addAttributionCommands(program: Command): void {
  program
    .command('attribution')
    .description('look into who did it')
    .command('report')
    .description('what is missing in events, how often, by producer and action')
    .argument(
      '[files...]',
      'events as sinks give them, in any shape, also gzipped; - or none: the standard input',
    )
    .option('--journal', 'read the journal instead', false)
    .option('-c, --config <path>', 'a configuration file, or a directory of them', collect, [])
    .option('--data-dir <path>', 'the data directory, instead of the one that the configuration names')
    .option('--key-file <path>', 'a file with a key of an encrypted journal', collect, [])
    .option('--top <rows>', 'rows of actions at most', '20')
    .option('--json', 'all of it as one line of JSON', false)
    .action(async (files: string[], options: ReportOptions) => {
      if (options.journal && files.length > 0) {
        throw new AffiantError('usage', 'either files are read, or --journal')
      }
      const { reportCommand } = await import('./attribution-report.ts')
      process.exitCode = await reportCommand({
        files,
        journal: options.journal ? await placeOf(options) : undefined,
        json: options.json,
        top: rowsOf(options.top),
        input: process.stdin,
        output: process.stdout,
        say: (line) => process.stderr.write(`${line}\n`),
      })
    })
}

interface ReportOptions extends PlaceOptions {
  readonly journal: boolean
  readonly json: boolean
  readonly top: string
}

async function placeOf(options: PlaceOptions) {
  const { findJournal } = await import('./journal-place.ts')
  return await findJournal(options)
}

function rowsOf(text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text)
  throw new AffiantError('usage', `--top ${JSON.stringify(text)} is no number of rows`)
}
