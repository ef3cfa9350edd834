/** The whole configuration: each component's schema lives beside its code, and is put together here. */
import { hostname } from 'node:os'
import { z } from 'zod'
import { attributionConfig, hashKeysConfig } from '../attribution/config.ts'
import { redactConfig } from '../attribution/redact/config.ts'
import { durationFrom, name } from '../config/values.ts'
import { journalConfig } from '../journal/config.ts'
import { routesConfig } from '../routing/config.ts'
import type { RouteSpec } from '../routing/route.ts'
import { telemetryConfig } from '../telemetry/config.ts'
import { allComponents, type ComponentSchemas, componentsIn } from './component-configs.ts'

const fallbackSection = z
  .strictObject({
    sink: z
      .string()
      .min(1)
      .describe(
        'The sink, by its name. It needs no routes; what it gets by routes anyway is not handed over',
      ),
    timeout: durationFrom('1s', '1d')
      .prefault('10s')
      .describe('How long that may take, behind `drain`, or behind the `--timeout` of `affiant drain`'),
  })
  .describe(
    'A last resort, for a journal that goes with its pod or machine: what required sinks have not settled when draining ends is handed over to this sink. It stays in the journal for them all the same',
  )

const agentSection = z
  .strictObject({
    id: z
      .string()
      .regex(
        /^[A-Za-z0-9][A-Za-z0-9_.-]{0,252}$/,
        'a name of letters, digits, _ . - (not starting with _ . -)',
      )
      .optional()
      .describe(
        'Part of the log origin and of every event; must differ between agents. Default: the host name, which in a pod is its name',
      )
      // Looked up after parsing, so that a schema made on one host doesn't name it as everybody's default.
      .transform((id) => id ?? hostname()),
    data_dir: z
      .string()
      .min(1)
      .default('/var/lib/affiant')
      .describe('Directory of journal, cursors and lock; one agent each. Relative to the working directory'),
    workers: z
      .int()
      .min(0)
      .max(64)
      .default(0)
      .describe(
        'Threads that parse and encode; 0 does it in the main thread, which is right for a sidecar, but for records of megabytes, which have a thread as long as there are some',
      ),
    drain: durationFrom('0s', '1d')
      .prefault('10s')
      .describe(
        'How long a stopping agent waits for sinks to settle what is committed; the rest goes out after the next start',
      ),
    fallback: fallbackSection.optional(),
  })
  .prefault({})
  .describe('This agent')

const journalSection = journalConfig.prefault({}).describe('The log on disk that decides what was received.')

/** At least one: an agent with nothing to read, or nowhere to send, is a mistake. */
const someOf = <T extends z.ZodType>(definition: T, what: string) =>
  z.record(name(), definition).refine((map) => Object.keys(map).length > 0, `needs at least one ${what}`)

/** The whole of a configuration whose receivers and sinks are of these types. */
const agentConfigOf = ({ receiver, sink }: ComponentSchemas) =>
  z
    .strictObject({
      agent: agentSection,
      receivers: someOf(receiver, 'receiver').describe('Where records come from, by names of yours.'),
      attribution: attributionConfig,
      redact: redactConfig,
      hash_keys: hashKeysConfig,
      journal: journalSection,
      sinks: someOf(sink, 'sink').describe('Where events go, by names of yours.'),
      routes: routesConfig
        .optional()
        .describe(
          'Which events go to which sinks: in order, the first match ends the search unless it says `continue`. Without this section every event goes to every sink.',
        ),
      telemetry: telemetryConfig,
    })
    .transform(({ routes, ...config }) => ({
      ...config,
      routes: routes ?? everythingEverywhere(Object.keys(config.sinks)),
    }))

/** With every type there is: for messages, which say what else could stand there, and for the reference. */
export const wholeConfig = async () => agentConfigOf(await allComponents())

/** Enough for `written`, as long as nothing is wrong with it: with the types that it names. */
export async function configFor(written: unknown): Promise<z.ZodType<AgentConfig> | undefined> {
  const components = await componentsIn(written)
  return components && agentConfigOf(components)
}

export type AgentConfig = z.output<ReturnType<typeof agentConfigOf>>

/** Only what says where an agent keeps its data. */
export const agentOnly = z.strictObject({ agent: agentSection })

/** Also what its journal is read with. */
export const agentAndJournal = z.strictObject({ agent: agentSection, journal: journalSection })

/** What `routes` means when it isn't there: what a newcomer expects of sinks. */
export const everythingEverywhere = (sinks: readonly string[]): RouteSpec[] => [
  { name: 'all', to: [...sinks], continue: false },
]
