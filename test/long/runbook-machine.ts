/**
 * A machine on which a page of docs/runbooks is typed: a directory that has /etc, /srv and /var of its own, commands in
 * which these stand for the machine's, and the real agent as its service.
 */
import { appendFileSync, copyFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Status, statusAnswer } from '../../src/cli/status-render.ts'
import { type AgentProcess, type Settings, startAgent, WorkDirectory } from '../e2e/agent-process.ts'
import type { Checkout, Typed } from '../e2e/checkout.ts'
import { until } from '../e2e/until.ts'

const root = join(import.meta.dirname, '../..')

/** What stands below each heading of a runbook. */
function sectionsOf(page: string): ReadonlyMap<string, string> {
  const text = readFileSync(join(root, 'docs/runbooks', page), 'utf8')
  const parts = text.split(/^## /m).map((part) => [part.slice(0, part.indexOf('\n')), part] as const)
  return new Map(parts)
}

/** Sections whose commands were taken, by page. */
const taken = new Map<string, Set<string>>()

/** The blocks of a runbook in one language below the heading `section`, in order. They may be indented, as parts of a list. */
export function blocksIn(page: string, section: string, language: string): string[] {
  const part = sectionsOf(page).get(section)
  if (part === undefined) throw new Error(`${page} has no section ${section}`)
  return [...part.matchAll(/^( *)```(\S+)\n([\s\S]*?)^ *```$/gm)]
    .filter(([, , info]) => info === language)
    .map(([, indent = '', , block = '']) => block.replaceAll(new RegExp(`^${indent}`, 'gm'), '').trim())
}

export function commandsOf(page: string, section: string): string[] {
  taken.set(page, (taken.get(page) ?? new Set()).add(section))
  return blocksIn(page, section, 'sh')
}

/** Sections with commands that nobody took, of pages that somebody took some of. */
export const sectionsNotTyped = (): string[] =>
  [...taken].flatMap(([page, sections]) =>
    [...sectionsOf(page)]
      .filter(([section, text]) => !sections.has(section) && /^ *```sh$/m.test(text))
      .map(([section]) => `${page}: ${section}`),
  )

/** What a page expects of a machine, and this one may not have. */
const functions = `
affiant() { '${process.execPath}' '${join(root, 'bin/affiant.js')}' "$@"; }
chown() { [ "$2" = affiant:affiant ] && command chown "$1" "$(id -u):$(id -g)" "$3"; }
chgrp() { [ "$1" = affiant ] && command chgrp "$(id -g)" "$2"; }
runuser() { [ "$1 $2 $3" = '-u affiant --' ] && shift 3 && "$@"; }
`

export class Machine implements AsyncDisposable {
  readonly #directory = new WorkDirectory()
  readonly #root = this.#directory.at('machine')
  readonly #checkout: Checkout
  #agent: AgentProcess | undefined

  constructor(checkout: Checkout, settings: Settings) {
    this.#checkout = checkout
    this.#lay()
    this.configure(settings)
  }

  #lay(): void {
    for (const path of ['/etc/affiant', '/srv/backup', '/srv/transfer', '/var/lib', '/var/log/app']) {
      mkdirSync(this.at(path), { recursive: true })
    }
  }

  /** A path of the machine, as pages say it: `/var/lib/affiant`. */
  at(path: string): string {
    return join(this.#root, path)
  }

  read(path: string): string {
    return readFileSync(this.at(path), 'utf8')
  }

  append(path: string, content: string): void {
    appendFileSync(this.at(path), content)
  }

  configure({ agent, ...sections }: Settings): void {
    const settings = {
      agent: { id: 'web-1', data_dir: this.at('/var/lib/affiant'), ...agent },
      receivers: {
        app: { type: 'file', include: [this.at('/var/log/app/audit*.log')], poll: '50ms' },
        orders: { type: 'otlp', http: { listen: '127.0.0.1:0' } },
      },
      telemetry: { listen: '127.0.0.1:0' },
      ...sections,
    }
    writeFileSync(this.at('/etc/affiant/affiant.yaml'), JSON.stringify(settings))
  }

  /** Another machine in its place, to which only these files are brought over: other inodes, same paths. */
  replace(files: readonly string[]): void {
    const before = this.#directory.at('machine.old')
    renameSync(this.#root, before)
    this.#lay()
    for (const file of files) copyFileSync(join(before, file), this.at(file))
  }

  get agent(): AgentProcess {
    if (this.#agent === undefined) throw new Error('the agent of this machine is not started')
    return this.#agent
  }

  /** A block of a page, or a command of the test's own; its output. */
  async type(block: string): Promise<string> {
    let output = ''
    for (const part of block.split(/^(systemctl \w+ affiant)$/m)) {
      const verb = /^systemctl (\w+) affiant$/.exec(part)?.[1]
      if (verb !== undefined) await this.#systemctl(verb)
      else if (part.trim() !== '') output += await this.#typed(part.trim())
    }
    return output
  }

  async #typed(commands: string): Promise<string> {
    const here = commands.replaceAll(/(?<![\w.])\/(?=(?:etc|srv|var)\b)/g, `${this.#root}/`)
    const environment = `export AFFIANT_CONFIG='${this.at('/etc/affiant/affiant.yaml')}'`
    const { output, exitCode }: Typed = await this.#checkout.type(
      `set -euo pipefail\n${environment}${functions}${here}`,
    )
    if (exitCode !== 0) throw new Error(`${commands}\nexit code ${exitCode}\n${output}`)
    return output
  }

  async #systemctl(verb: string): Promise<void> {
    if ((verb === 'stop' || verb === 'restart') && this.#agent !== undefined) {
      this.agent.signal('SIGTERM')
      const { code } = await this.agent.ended
      if (code !== 0) throw new Error(`the agent ended with ${code}:\n${this.agent.stderr}`)
      this.#agent = undefined
    }
    if (verb === 'start' || verb === 'restart') {
      this.#agent = startAgent(this.at('/etc/affiant/affiant.yaml'))
      await this.#agent.ready()
    }
  }

  /** As a power cut does it. */
  async kill(): Promise<void> {
    this.agent.signal('SIGKILL')
    await this.agent.ended
    this.#agent = undefined
  }

  /** Waits until the journal has so many events of receivers, committed. */
  async committed(events: number): Promise<void> {
    await until(`${events} events are committed`, async () => {
      const { receivers } = await this.#status()
      return receivers.reduce((sum, receiver) => sum + receiver.events, 0) === events
    })
  }

  /** Waits until the agent's sinks have settled all of the journal. */
  async settled(): Promise<void> {
    await until('all is settled', async () => {
      const { sinks } = await this.#status()
      return sinks.every(({ lag_events: lag }) => lag === 0)
    })
  }

  async #status(): Promise<Status> {
    return statusAnswer.parse(await (await fetch(`http://${this.agent.telemetry}/status`)).json())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#agent?.[Symbol.asyncDispose]()
    this.#directory[Symbol.dispose]()
  }
}
