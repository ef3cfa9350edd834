/** What `affiant run` says on a terminal, in the reader's words. */
import type { Agent } from '../agent/agent.ts'
import { figure } from '../figure.ts'
import { decodeDescriptor } from '../receivers/file/identity/descriptor.ts'
import { version } from '../version.ts'

const plural = (n: number, one: string, many = `${one}s`) => `${figure(n)} ${n === 1 ? one : many}`

export function startBanner(agent: Agent, files: readonly string[], milliseconds: number): string {
  const [major] = process.versions.node.split('.')
  const follows = agent.receivers.flatMap((receiver) => describe(receiver.describe(), 'follows'))
  const listens = agent.receivers.flatMap((receiver) => describe(receiver.describe(), 'listens'))
  const lines = [
    `affiant ${version}, node ${major}, ${files.join(', ')}, ready in ${figure(Math.round(milliseconds))} ms`,
    ...follows.map((what) => `  follows   ${what}`),
    `  listens   ${[...listens, `${agent.telemetryAddress} health and metrics`].join(', ')}`,
    `  journal   ${agent.config.agent.data_dir}, fsync before acknowledging`,
    `  delivers  ${agent.sinks.map(({ target }) => target).join(', ')}`,
  ]
  return `${lines.join('\n')}\n`
}

const describe = ({ verb, what }: { verb: string; what: string }, wanted: string) =>
  verb === wanted ? [what] : []

/** Said after a start that found a journal: what recovery kept, and where reading goes on. */
export function recoveryBanner(
  agent: Agent,
  counted: { readonly lines: number; readonly own: number } | undefined,
): string {
  const { milliseconds, tornBytes, events, damaged } = agent.recovery
  const tail = tornBytes === 0 ? 'no torn tail' : `a torn tail of ${plural(tornBytes, 'byte')} cut off`
  const kept = counted
    ? `${plural(counted.lines, 'line')} + ${plural(counted.own, 'own event')}`
    : plural(events, 'event')
  // Chains of records go on too, and have no bytes.
  const files = agent.journal.liveStreams().filter(({ descriptor }) => decodeDescriptor(descriptor))
  const resumed = files.map(({ position }) => position.offset)
  const where =
    resumed.length === 0
      ? ''
      : resumed.length === 1
        ? `; resumed at byte ${figure(resumed[0]!)}`
        : `; resumed in ${plural(resumed.length, 'file')}`
  const lost = damaged.map(
    ({ firstSeq, lastSeq, file }) =>
      `damaged: seq ${figure(firstSeq)}–${figure(lastSeq)}, set aside in ${file}\n`,
  )
  return `recovered in ${figure(Math.max(1, Math.round(milliseconds)))} ms: ${tail}; ${kept}${where}\n${lost.join('')}`
}

/** Once everything that was there has been read and delivered. `lines` counts earlier runs too. */
export function caughtUpLine(lines: number, incomplete: number, skipped: number): string {
  const rest = [
    incomplete > 0 ? `; ${figure(incomplete)} incomplete` : '',
    skipped > 0 ? `; ${figure(skipped)} skipped by select` : '',
  ]
  return `${plural(lines, 'line')} read = committed = delivered${rest.join('')}\n`
}
