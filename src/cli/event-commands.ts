/** Commands on records, events, presets, mappings and routes: what would become of them, without an agent. */
import type { Command } from 'commander'
import { type ConfigOptions, collect, configOption } from './config-option.ts'

export function addEventCommands(program: Command): void {
  program
    .command('schema')
    .description('print a JSON Schema: of the configuration, or of the events that leave the agent')
    .argument('<which>', 'config or event')
    .action(async (which: string) => {
      const { schemaText } = await import('./schema.ts')
      process.stdout.write(await schemaText(which))
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
}
