/** `affiant journal …`: the commands that read a journal without its lock, and where they find it. */
import type { Command } from 'commander'
import { collect } from './config-option.ts'
import type { JournalPlace, PlaceOptions } from './journal-place.ts'

const print = (line: string): void => void process.stdout.write(`${line}\n`)
const say = (line: string): void => void process.stderr.write(`${line}\n`)

export function addJournalCommands(program: Command): void {
  const journal = program
    .command('journal')
    .description('look into the journal, check it, take events out of it')
  const command = (name: string, description: string) =>
    journal
      .command(name)
      .description(description)
      .option('-c, --config <path>', 'a configuration file, or a directory of them', collect, [])
      .option('--data-dir <path>', 'the data directory, instead of the one that the configuration names')
      .option(
        '--key-file <path>',
        'a file with a key of an encrypted journal; may be given several times',
        collect,
        [],
      )

  command('inspect', 'print segments, snapshots and blocks, with whatever is damaged').action(
    async (options: PlaceOptions) => {
      const { inspectJournal } = await import('./journal-inspect.ts')
      const { dataDir, keys } = await findJournal(options)
      process.exitCode = await inspectJournal(dataDir, print, keys)
    },
  )
  command('verify', 'read every byte; exit 0 when all is good, 65 when something is damaged').action(
    async (options: PlaceOptions) => {
      const { verifyJournal } = await import('./journal-verify.ts')
      const { dataDir, keys } = await findJournal(options)
      process.exitCode = await verifyJournal(dataDir, keys, print)
    },
  )
  command('export', 'committed events as sinks give them, one line of JSON each')
    .option('--from <seq>', 'the first; default: the oldest that is kept')
    .option('--to <seq>', 'the last; default: the newest that is committed')
    .option('-o, --output <path>', 'a new file, or - for the standard output', '-')
    .action(async (options: PlaceOptions & { from?: string; to?: string; output: string }) => {
      const { exportJournal, seqOf } = await import('./journal-export.ts')
      const from = seqOf('--from', options.from)
      const to = seqOf('--to', options.to)
      const place = await findJournal(options)
      process.exitCode = await exportJournal({
        ...place,
        ...(from === undefined ? {} : { from }),
        ...(to === undefined ? {} : { to }),
        output: options.output,
        terminal: process.stderr,
        say,
      })
    })
  journal
    .command('new-epoch')
    .description(
      'begin a new epoch, after a restored snapshot: files are read on, and what was not delivered is set aside',
    )
    .option('-c, --config <path>', 'a configuration file, or a directory of them', collect, [])
    .action(async (options: { config: string[] }) => {
      const { newEpochCommand } = await import('./journal-new-epoch.ts')
      process.exitCode = await newEpochCommand(options.config, process.stdout)
    })
  command('salvage', 'every good event of a damaged journal, from segments and copies of damaged bytes')
    .requiredOption('--to <path>', 'a new file, a directory for it, or - for the standard output')
    .action(async (options: PlaceOptions & { to: string }) => {
      const { salvageJournal } = await import('./journal-salvage.ts')
      process.exitCode = await salvageJournal({ ...(await findJournal(options)), to: options.to, say })
    })
}

/** Loaded only when one of these commands runs: it brings the configuration's schema with it. */
async function findJournal(options: PlaceOptions): Promise<JournalPlace> {
  const place = await import('./journal-place.ts')
  return await place.findJournal(options)
}
