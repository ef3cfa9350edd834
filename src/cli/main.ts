/** `affiant`: the command line. Each command is one file; this one puts them together, and says what the shell gets back. */
import { Command, CommanderError } from 'commander'
import { ConfigError } from '../config/problem.ts'
import { renderProblems } from '../config/render.ts'
import { AffiantError, asError } from '../errors.ts'
import { version } from '../version.ts'
import { addAgentCommands } from './agent-commands.ts'
import { addAttributionCommands } from './attribution-commands.ts'
import { type ConfigOptions, configOption } from './config-option.ts'
import { addDlqCommands } from './dlq-commands.ts'
import { addEventCommands } from './event-commands.ts'
import { addJournalCommands } from './journal-commands.ts'

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
     not ready, not  70 a defect in Affiant                      or another command the sink
     drained, a fault
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
    const { Rest } = await import('./rest.ts')
    // Before all that is to be loaded.
    const rest = new Rest()
    const { runCommand } = await import('./run.ts')
    const exitCode = await runCommand(options, rest)
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

addAgentCommands(program)
addEventCommands(program)
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
