/** A copy of the checkout as a newcomer has it after `npm ci`, and commands typed into it. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { endWithTest } from '../processes.ts'

const root = join(import.meta.dirname, '../..')

export interface Typed {
  readonly output: string
  readonly exitCode: number | null
}

/** A command that goes on running, with everything it has printed. */
export interface Running extends AsyncDisposable {
  readonly process: ChildProcess
  output(): string
  /** Resolves with all output once `text` is in it; rejects with what there is when it ends or takes too long. */
  waitFor(text: string | RegExp, milliseconds?: number): Promise<string>
  readonly exited: Promise<number | null>
}

export class Checkout implements Disposable {
  readonly directory = mkdtempSync(join(tmpdir(), 'affiant-checkout-'))
  readonly #env: NodeJS.ProcessEnv

  constructor() {
    const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
      cwd: root,
      encoding: 'utf8',
    })
    for (const file of files.split('\n')) {
      // Listed but deleted files are not in the working tree.
      if (file === '' || file.startsWith('test/')) continue
      mkdirSync(dirname(join(this.directory, file)), { recursive: true })
      cpSync(join(root, file), join(this.directory, file), { force: true })
    }
    symlinkSync(join(root, 'node_modules'), join(this.directory, 'node_modules'))
    // What vitest adds for its own workers must not reach the commands.
    const { NODE_OPTIONS: _options, NODE_PATH: _path, ...env } = process.env
    this.#env = { ...env, npm_config_cache: join(this.directory, '.npm-cache'), NO_COLOR: '1' }
  }

  /** Runs a shell command to its end. */
  async type(command: string): Promise<Typed> {
    await using running = this.start(command)
    const exitCode = await running.exited
    return { output: running.output(), exitCode }
  }

  /** Starts a shell command that stays. It is killed with everything it started when disposed of. */
  start(command: string): Running {
    const child = spawn('bash', ['-c', command], {
      cwd: this.directory,
      env: this.#env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    endWithTest(child, { group: true })
    let output = ''
    const heard = new EventTarget()
    const listen = (chunk: Buffer) => {
      output += chunk.toString('utf8')
      heard.dispatchEvent(new Event('output'))
    }
    child.stdout.on('data', listen)
    child.stderr.on('data', listen)
    const exited = once(child, 'close').then(([code]: (number | null)[]) => {
      heard.dispatchEvent(new Event('output'))
      return code ?? null
    })
    return {
      process: child,
      exited,
      output: () => output,
      async waitFor(text, milliseconds = 30_000) {
        const deadline = AbortSignal.timeout(milliseconds)
        while (typeof text === 'string' ? !output.includes(text) : !text.test(output)) {
          if (deadline.aborted || child.exitCode !== null) {
            throw new Error(`${command}: no ${text} in:\n${output}`)
          }
          await once(heard, 'output', { signal: deadline }).catch(() => {})
        }
        return output
      },
      async [Symbol.asyncDispose]() {
        if (child.exitCode === null && child.signalCode === null && child.pid !== undefined) {
          try {
            process.kill(-child.pid, 'SIGKILL')
          } catch {
            // It ended in between.
          }
        }
        await exited
      },
    }
  }

  [Symbol.dispose](): void {
    rmSync(this.directory, { recursive: true, force: true })
  }
}
