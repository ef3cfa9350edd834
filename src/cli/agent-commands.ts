/** Commands on the agent that runs on a data directory, and on what it leaves there. */
import type { Command } from 'commander'
import { type ConfigOptions, configOption } from './config-option.ts'
import type { ReplayCommandOptions } from './replay.ts'

export function addAgentCommands(program: Command): void {
  program
    .command('show')
    .description('one event beside its raw line, when it was committed, and where it was delivered')
    .argument('<seq>', 'its seq, as `log.seq` has it')
    .option(...configOption)
    .action(async (seq: string, options: ConfigOptions) => {
      const { showCommand } = await import('./show.ts')
      process.exitCode = await showCommand(seq, options.config)
    })

  program
    .command('pid')
    .description('the process id of the agent that runs on this data directory')
    .option(...configOption)
    .action(async (options: ConfigOptions) => {
      const { pidCommand } = await import('./pid.ts')
      process.exitCode = await pidCommand(options.config)
    })

  program
    .command('files')
    .description('every file: its size, and how far it is read, committed and settled')
    .option(...configOption)
    .option('--sinks', 'a column for each sink', false)
    .option('--json', 'as JSON, with counts', false)
    .action(async (options: ConfigOptions & { sinks: boolean; json: boolean }) => {
      const { filesCommand } = await import('./files.ts')
      process.exitCode = await filesCommand(options)
    })

  program
    .command('status')
    .description(
      'how the running agent does: receivers, journal, sinks; drawn anew each second on a terminal',
    )
    .option(...configOption)
    .option('--once', 'print it once, on a terminal too', false)
    .option('--json', 'as JSON, once', false)
    .action(async (options: ConfigOptions & { once: boolean; json: boolean }) => {
      const { statusCommand } = await import('./status.ts')
      process.exitCode = await statusCommand(options)
    })

  program
    .command('health')
    .description(
      'exit 0 when the running agent is ready, 1 with the reasons when it is not, 69 when there is none',
    )
    .option(...configOption)
    .option('--live', 'only whether it answers, as /healthz says', false)
    .option('--json', 'how each part stands, as JSON', false)
    .action(async (options: ConfigOptions & { live: boolean; json: boolean }) => {
      const { healthCommand } = await import('./health.ts')
      process.exitCode = await healthCommand({ ...options, out: process.stdout })
    })

  program
    .command('reload')
    .description(
      'the running agent reads its configuration again: exit 0 with what has changed; otherwise it runs on as it did, ' +
        'and the exit code says why: 78 with every problem at its line',
    )
    .option(...configOption)
    .option('--json', 'as JSON', false)
    .action(async (options: ConfigOptions & { json: boolean }) => {
      const { reloadCommand } = await import('./reload.ts')
      process.exitCode = await reloadCommand({ ...options, out: process.stdout, err: process.stderr })
    })

  program
    .command('drain')
    .description(
      'the running agent reads files to their end and settles all it has: exit 0; what is not settled in time goes to ' +
        '`agent.fallback`: exit 1. The agent goes on',
    )
    .option(...configOption)
    .option('--timeout <duration>', 'how long reading and settling may take (default: 60s)')
    .option('--json', 'how it goes as lines of JSON', false)
    .action(async (options: ConfigOptions & { timeout?: string; json: boolean }) => {
      const { drainCommand } = await import('./drain.ts')
      process.exitCode = await drainCommand(options)
    })

  program
    .command('replay')
    .description('send events of the journal to one of their sinks once more, beside what it gets anyway')
    .requiredOption('--sink <name>', 'the sink')
    .requiredOption('--from <seq>', 'the first event, as `log.seq` has it')
    .option('--to <seq>', 'the last one (default: the newest)')
    .option('--available', 'send what is there, though part of the range is gone', false)
    .option('--timeout <duration>', 'end it after this long, as Ctrl-C does')
    .option('--json', 'how it goes as lines of JSON', false)
    .option(...configOption)
    .action(async (options: ReplayCommandOptions) => {
      const { replayCommand } = await import('./replay.ts')
      process.exitCode = await replayCommand(options)
    })

  const sink = program.command('sink').description('look after sinks')
  sink
    .command('forget')
    .description('let go of what the journal keeps for a sink that is not configured any more')
    .argument('<name>', 'its name, as the configuration had it')
    .option(...configOption)
    .action(async (name: string, options: ConfigOptions) => {
      const { forgetSinkCommand } = await import('./sink-forget.ts')
      process.exitCode = await forgetSinkCommand(name, options.config, process.stdout)
    })
}
