// What users install is the packed package, not the checkout: builds it, installs it elsewhere, runs it.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

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
    `agent: { id: packed, data_dir: ./data }
receivers: { app: { type: file, include: [audit.log] } }
sinks: { out: { type: file, path: out.ndjson } }
telemetry: { listen: 127.0.0.1:0 }
`,
  )
  const run = (...args: string[]) =>
    execFileSync(process.execPath, [join(directory, 'node_modules/affiant/bin/affiant.js'), ...args], {
      cwd: directory,
      encoding: 'utf8',
    })
  run('validate')
  run('run', '--once')
  const { readFileSync } = await import('node:fs')
  const events = readFileSync(join(directory, 'out.ndjson'), 'utf8')
  if (!events.includes('"action":"invoice.read"')) throw new Error(`the packed package delivered: ${events}`)
  process.stdout.write(`${archive} (${run('--version').trim()}) installs, validates and delivers\n`)
} finally {
  rmSync(directory, { recursive: true, force: true })
}
