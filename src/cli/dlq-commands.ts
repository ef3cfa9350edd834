/** `affiant dlq …`: what sinks refused for good: looked at, sent once more, removed; while an agent runs or not. */
import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import { AffiantError } from '../errors.ts'
import { configOption } from './config-option.ts'

const say = (line: string): void => void process.stderr.write(`${line}\n`)

export function addDlqCommands(program: Command): void {
  const dlq = program.command('dlq').description('dead letters: events that a sink refused for good')

  dlq
    .command('list')
    .description('how many each sink has, since when, and the reasons')
    .option(...configOption)
    .option('--json', 'as JSON', false)
    .action(async ({ config, json }: { config: string[]; json: boolean }) => {
      const { listLetters } = await import('./dlq.ts')
      process.exitCode = await listLetters({
        dataDir: await dataDirOf(config),
        json,
        output: process.stdout,
        say,
      })
    })
  dlq
    .command('show')
    .description('the dead letters of a sink, one line of JSON each')
    .argument('<sink>', 'its name')
    .option(...configOption)
    .option('--from <seq>', 'the first')
    .option('--to <seq>', 'the last')
    .option('--events', 'only the events, byte for byte as they were sent', false)
    .action(async (sink: string, options: ShowOptions) => {
      const { showLetters } = await import('./dlq.ts')
      const { seqOf } = await import('./journal-export.ts')
      const from = seqOf('--from', options.from) ?? 0
      const to = seqOf('--to', options.to) ?? Number.POSITIVE_INFINITY
      const dataDir = await dataDirOf(options.config)
      process.exitCode = await showLetters({ dataDir, sink, from, to, events: options.events, say })
    })
  dlq
    .command('replay')
    .description('send the dead letters of a sink to it once more; those that it takes are removed')
    .argument('<sink>', 'its name')
    .option(...configOption)
    .option('--from <seq>', 'the first')
    .option('--to <seq>', 'the last')
    .option('--timeout <duration>', 'end it after this long, as Ctrl-C does')
    .option('--json', 'how it goes as lines of JSON', false)
    .action(async (sink: string, options: ReplayOptions) => {
      const { replayLettersCommand } = await import('./dlq-operate.ts')
      process.exitCode = await replayLettersCommand({ ...options, sink })
    })
  dlq
    .command('purge')
    .description('remove the dead letters of a sink for good')
    .argument('<sink>', 'its name')
    .option(...configOption)
    .option('--from <seq>', 'the first')
    .option('--to <seq>', 'the last')
    .option('--yes', 'do not ask', false)
    .option('--json', 'what was done as lines of JSON', false)
    .action(async (sink: string, options: PurgeOptions) => {
      const { purgeLettersCommand } = await import('./dlq-operate.ts')
      process.exitCode = await purgeLettersCommand({ ...options, sink })
    })
}

interface RangeOptions {
  readonly config: string[]
  readonly from?: string
  readonly to?: string
  readonly json: boolean
}

interface ReplayOptions extends RangeOptions {
  readonly timeout?: string
}

interface PurgeOptions extends RangeOptions {
  readonly yes: boolean
}

interface ShowOptions {
  readonly config: string[]
  readonly from?: string
  readonly to?: string
  readonly events: boolean
}

/** Loaded only when one of these commands runs: it brings the configuration's schema with it. */
async function dataDirOf(config: readonly string[]): Promise<string> {
  const { loadDataDir } = await import('../agent/load.ts')
  const dataDir = await loadDataDir(config)
  if (!existsSync(dataDir)) {
    throw new AffiantError('not_found', `there is no data directory ${dataDir}`, {
      hint: 'its agent makes it when it first runs; name its configuration with -c',
    })
  }
  return dataDir
}
