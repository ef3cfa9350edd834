/** A run of an OpenTelemetry Collector on this machine. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { stringify } from 'yaml'
import { until } from '../../e2e/until.ts'
import { accepts } from '../ports.ts'

export class Running {
  readonly #child: ChildProcess

  private constructor(child: ChildProcess) {
    this.#child = child
  }

  /** Resolves once it listens on all `ports`. `file`: where its configuration is written. */
  static async start(
    program: string,
    file: string,
    config: object,
    ports: readonly number[],
  ): Promise<Running> {
    await writeFile(file, stringify(config))
    const child = spawn(program, ['--config', file], { stdio: ['ignore', 'ignore', 'pipe'] })
    const running = new Running(child)
    // A test that runs out of time disposes of nothing.
    const kill = () => void child.kill('SIGKILL')
    process.once('exit', kill)
    child.once('exit', () => process.off('exit', kill))
    let said = ''
    child.stderr.on('data', (part: Buffer) => {
      said = (said + part.toString()).slice(-10_000)
    })
    try {
      for (const port of ports) {
        await until('the collector listens', () => {
          if (child.exitCode !== null) throw new Error(`the collector has ended: ${said}`)
          return accepts(port)
        })
      }
    } catch (error) {
      await running.stop('SIGKILL')
      throw error
    }
    return running
  }

  /** False where it had ended already. */
  async stop(signal: NodeJS.Signals): Promise<boolean> {
    const child = this.#child
    if (child.exitCode !== null || child.signalCode !== null) return false
    const ended = once(child, 'exit')
    child.kill(signal)
    await ended
    return true
  }
}

/** What every configuration has: nothing of its own on a port. */
export const telemetry = { metrics: { level: 'none' }, logs: { level: 'warn' } }

export const endpoint = (port: number) => `127.0.0.1:${port}`
