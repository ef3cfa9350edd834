/** `affiant`: the command line. Each command is one file; this one names them and says what the shell gets back. */
import { Command, CommanderError } from 'commander'
import { ConfigError } from '../config/problem.ts'
import { renderProblems } from '../config/render.ts'
import { AffiantError, asError } from '../errors.ts'
import { version } from '../version.ts'
import { addAttributionCommands } from './attribution-commands.ts'
import { addDlqCommands } from './dlq-commands.ts'
import { addJournalCommands } from './journal-commands.ts'

const collect = (value: string, previous: string[]): string[] => [...previous, value]
const configOption = [
  '-c, --config <path>',
  'a configuration file, or a directory of them; may be given several times',
  collect,
  [] as string[],
] as const

interface ConfigOptions {
  readonly config: string[]
}

interface ReplayOptions {
  readonly sink: string
  readonly from: string
  readonly to?: string
  readonly available: boolean
  readonly timeout?: string
  readonly json: boolean
}

/** For what people write where a command takes nothing. */
function argumentHint(text: string): string {
  const [, command] = /^error: too many arguments for '(\w+)'/.exec(text) ?? []
  if (command === 'hash') {
    return 'Values come on the standard input, one a line: what is on a command line is seen by others.\n'
  }
  const configured = ['run', 'pid', 'files', 'status', 'health', 'drain', 'reload', 'replay']
  const isConfigured = configured.includes(command ?? '')
  return isConfigured ? 'A configuration is named with -c, as in -c affiant.yaml.\n' : ''
}

const program = new Command('affiant')
  .description(
    'The audit-log collector that can testify: tails audit files and receives OTLP logs, brings every record to ' +
      'one schema with full attribution, commits it to a journal on disk before it says "received", and delivers.',
  )
  .version(version, '-V, --version', 'print the version')
  .configureOutput({ outputError: (text, write) => write(text + argumentHint(text)) })
  .showHelpAfterError('Run affiant --help for the commands, affiant help COMMAND for one of them.')
  .exitOverride()
  .addHelpText(
    'after',
    `
Without --config, the first of $AFFIANT_CONFIG, ./affiant.yaml, ./config/quickstart.yaml and
/etc/affiant/affiant.yaml is used.

Examples:
  affiant run -c /etc/affiant/affiant.yaml          run until SIGTERM, then drain
  affiant run --once -c config/quickstart.yaml      read what is there, deliver it, exit
  affiant validate -c /etc/affiant --no-environment check a directory of files, without their secrets
  affiant normalize --preset kubernetes audit.log   see what a log would become
  affiant reload                                    the running agent takes up a changed configuration
  affiant presets list                              the audit formats that Affiant knows
  affiant convert --to ocsf events.ndjson           events in another shape, and back
  affiant show 214                                  one event beside its raw line, and where it went
  affiant files                                     how far each file is read, committed and settled
  affiant status                                    how the running agent does, each second anew
  affiant health                                    the same as an exit code, for health checks and scripts
  affiant drain --timeout 30s                       bring out what the agent has, before its machine goes
  affiant route explain < event.json                which routes match an event, and why
  affiant attribution report events.ndjson          what is missing in events, how often
  affiant dlq list                                  what sinks have refused for good, and why
  affiant dlq replay hook                           send them once more: what was wrong is put right
  affiant replay --sink hook --from 41 --to 99      send events of the journal once more
  affiant journal verify                            read every byte of the journal, name what is damaged

Exit codes:
  0  done            65 damage, or a format that is not read  73 the data directory cannot be written
  1  some input was  66 a file or an event that is not there  74 the disk failed
     bad or refused, 69 an address in use, no agent running   75 another agent holds the data directory,
     not ready, or a 70 a defect in Affiant                      or another command the sink
     fault
  64 usage           72 Node is older than what is needed     78 the configuration is not valid`,
  )

program
  .command('run')
  .description('run the agent in the foreground; SIGTERM or Ctrl-C drains, a second one stops at once')
  .option(...configOption)
  .option('--once', 'exit when every file has been read to its end and all of it is settled', false)
  .option('--wait-lock', 'wait for another agent to leave the data directory', false)
  .option('--watch', 'read the configuration again when its files have changed, as SIGHUP does', false)
  .action(async (options: ConfigOptions & { once: boolean; waitLock: boolean; watch: boolean }) => {
    const { runCommand } = await import('./run.ts')
    const exitCode = await runCommand(options)
    // Everything of ours is stopped; a library's retry timer (a log exporter whose collector is away) may not be.
    process.exit(exitCode)
  })

program
  .command('validate')
  .description(
    'check the configuration: exit 0 when it is valid, 78 when not, with every problem at its line',
  )
  .argument('[path...]', 'as -c')
  .option(...configOption)
  .option('--no-environment', 'need no variable, secret file, or network')
  .action(async (paths: string[], options: ConfigOptions & { environment: boolean }) => {
    const { validateCommand } = await import('./validate.ts')
    process.exitCode = await validateCommand({
      paths: [...options.config, ...paths],
      environment: options.environment,
      out: process.stdout,
      err: process.stderr,
    })
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
  .command('schema')
  .description('print a JSON Schema: of the configuration, or of the events that leave the agent')
  .argument('<which>', 'config or event')
  .action(async (which: string) => {
    const { schemaText } = await import('./schema.ts')
    process.stdout.write(schemaText(which))
  })

program
  .command('normalize')
  .description('raw lines in, events as NDJSON on stdout; exit 1 if any line failed to parse')
  .argument('[file...]', 'logs, also gzipped or in UTF-16; - or none: the standard input')
  .option('--preset <name>', 'how to read the lines: a name of `affiant presets list`')
  .option('--mapping <file>', 'how to read the lines: a file with a mapping of your own')
  .option('--whole', 'the input is one record over many lines, such as a pretty-printed JSON file', false)
  .action(async (files: string[], options: { preset?: string; mapping?: string; whole: boolean }) => {
    const { chosenMapping } = await import('./mapping-file.ts')
    const { normalizeCommand } = await import('./normalize.ts')
    process.exitCode = await normalizeCommand({
      mapping: await chosenMapping(options),
      whole: options.whole,
      files,
      input: process.stdin,
      output: process.stdout,
      errors: process.stderr,
    })
  })

program
  .command('convert')
  .description('events from one shape to another, one a line; exit 1 if any line carried none')
  .argument('[file...]', 'files of documents, one a line; - or none: the standard input')
  .option('--from <shape>', "what they are (default: each document's own members say it)")
  .option('--to <shape>', 'affiant, ocsf, ocsf_1_9, ecs, otlp, or cloudevents', 'affiant')
  .action(async (files: string[], options: { from?: string; to: string }) => {
    const { convertCommand } = await import('./convert.ts')
    const io = { input: process.stdin, output: process.stdout, errors: process.stderr }
    process.exitCode = await convertCommand({ ...options, files, ...io })
  })

program
  .command('test')
  .description('whether mappings make of the examples in their `tests:` what they say; exit 1 when not')
  .argument('[path...]', 'mappings, files of tests, configurations, directories of them')
  .option('--preset <name>', "a preset's own tests; may be given several times", collect, [] as string[])
  .option('--format <format>', 'text, json, or junit', 'text')
  .action(async (paths: string[], options: { preset: string[]; format: string }) => {
    const { testCommand } = await import('./test.ts')
    const { preset: presets, format } = options
    process.exitCode = await testCommand({ paths, presets, format, out: process.stdout })
  })

const presets = program.command('presets').description('the mappings that come with Affiant')

presets
  .command('list')
  .description('name, version, and what each reads')
  .option('--json', 'as JSON', false)
  .action(async ({ json }: { json: boolean }) => {
    const { listPresets } = await import('./presets.ts')
    process.stdout.write(listPresets({ json }))
  })

presets
  .command('show')
  .description('a preset as it is written, to read or to start from')
  .argument('<name>', 'a name of `affiant presets list`')
  .action(async (name: string) => {
    const { showPreset } = await import('./presets.ts')
    process.stdout.write(showPreset(name))
  })

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
  .description('how the running agent does: receivers, journal, sinks; drawn anew each second on a terminal')
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
  .command('hash')
  .description(
    'values on stdin, one a line; on stdout what stands for them in events where redaction hashed them',
  )
  .option(...configOption)
  .option('--password', "passwords instead: what stands for them in receivers' `auth.basic`", false)
  .action(async ({ config, password }: ConfigOptions & { password: boolean }) => {
    const { hashCommand, hashPasswords } = await import('./hash.ts')
    if (password) {
      process.exitCode = await hashPasswords({ input: process.stdin, output: process.stdout })
      return
    }
    process.exitCode = await hashCommand({ config, input: process.stdin, output: process.stdout })
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
  .action(async (options: ConfigOptions & ReplayOptions) => {
    const { replayCommand } = await import('./replay.ts')
    process.exitCode = await replayCommand(options)
  })

program
  .command('route')
  .description('look into routes')
  .command('explain')
  .description('events on stdin: which routes match and why, where they go, and what routes set there')
  .option(...configOption)
  .option('--receiver <name>', 'take them as coming from this receiver, whatever they say')
  .option('--json', 'one line of JSON for each event', false)
  .action(async (options: ConfigOptions & { receiver?: string; json: boolean }) => {
    const { explainCommand } = await import('./route-explain.ts')
    const io = { input: process.stdin, output: process.stdout }
    process.exitCode = await explainCommand({ ...options, ...io })
  })

const sink = program.command('sink').description('look after sinks')
sink
  .command('forget')
  .description(
    'let go of what the journal keeps for a sink that is not configured any more; while no agent runs',
  )
  .argument('<name>', 'its name, as the configuration had it')
  .option(...configOption)
  .action(async (name: string, options: ConfigOptions) => {
    const { forgetSinkCommand } = await import('./sink-forget.ts')
    process.exitCode = await forgetSinkCommand(name, options.config, process.stdout)
  })

addJournalCommands(program)
addDlqCommands(program)
addAttributionCommands(program)

/** What the shell gets back for an error, after it has been said on standard error. */
function report(thrown: unknown): number {
  if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : 64
  if (thrown instanceof ConfigError) {
    process.stderr.write(renderProblems(thrown.problems, { colors: process.stderr.isTTY }))
    return thrown.definition.exit
  }
  if (thrown instanceof AffiantError) {
    process.stderr.write(`affiant: ${thrown.message}\n`)
    if (thrown.hint) process.stderr.write(`  ${thrown.hint}\n`)
    return thrown.definition.exit
  }
  const error = asError(thrown)
  process.stderr.write(`affiant: a defect: ${error.stack ?? error.message}\n`)
  return 70
}

// A reader that leaves early (`affiant schema event | head`) is not an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})

try {
  await program.parseAsync()
} catch (thrown) {
  process.exitCode = report(thrown)
}
