// rsyslog forwards to the receiver, over TCP in both framings and over TLS with a client certificate. It runs as a process of its
// own, with its own configuration and directories, never as the system's.
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { listening } from '../receivers/syslog/listening.ts'
import { until } from '../receivers/until.ts'
import { makeCertificate, type Pair } from './certificates.ts'

/** Where Debian puts it is not on everybody's PATH. */
const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` }

function hasRsyslog(): boolean {
  try {
    execFileSync('rsyslogd', ['-v'], { stdio: 'ignore', env })
    return true
  } catch (error) {
    if (process.env.CI) throw error
    process.stderr.write('skipped: rsyslog is not installed\n')
    return false
  }
}

const count = 500
const template = 'template="RSYSLOG_SyslogProtocol23Format"'
const tls = ({ client, server }: { readonly client: Pair; readonly server: Pair }) =>
  [
    'StreamDriver="ossl" StreamDriverMode="1" StreamDriverAuthMode="x509/certvalid"',
    `StreamDriver.CAFile="${server.cert}" StreamDriver.CertFile="${client.cert}" StreamDriver.KeyFile="${client.key}"`,
  ].join(' ')

/** Reads a file of lines, and forwards each. */
async function forward(directory: string, port: number, options: string): Promise<void> {
  const lines = join(directory, 'app.log')
  writeFileSync(lines, Array.from({ length: count }, (_, n) => `line ${n} of the shop\n`).join(''))
  const config = join(directory, 'rsyslog.conf')
  writeFileSync(
    config,
    [
      `global(workDirectory="${directory}")`,
      'module(load="imfile" mode="inotify")',
      `input(type="imfile" File="${lines}" Tag="shop:" Severity="warning" Facility="local3")`,
      `action(type="omfwd" target="127.0.0.1" port="${port}" protocol="tcp" ${template} ${options})`,
      '',
    ].join('\n'),
  )
  const child = spawn('rsyslogd', ['-n', '-f', config, '-i', join(directory, 'pid')], {
    env,
    stdio: 'ignore',
  })
  onTestFinished(async () => {
    child.kill()
    if (child.exitCode === null) await once(child, 'exit')
  })
}

describe.skipIf(!hasRsyslog())('rsyslog', () => {
  test.each([
    ['newlines', 'TCP_Framing="traditional"', false],
    ['lengths', 'TCP_Framing="octet-counted"', false],
    ['TLS', 'TCP_Framing="octet-counted"', true],
  ])('%s', async (_name, framing, isTls) => {
    const directory = mkdtempSync(join(tmpdir(), 'affiant-rsyslog-'))
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
    const [server, client] = await Promise.all(
      ['server', 'client'].map((name) => makeCertificate(directory, name)),
    )
    if (!server || !client) throw new Error('certificates are missing')
    const files = { tls: { cert: server.cert, key: server.key, client_ca: client.cert } }
    const { tcp, texts, intake } = await listening({
      tcp: { listen: '127.0.0.1:0', ...(isTls && files) },
      udp: undefined,
    })
    await forward(directory, tcp, `${framing} ${isTls ? tls({ client, server }) : ''}`)
    const ours = () => texts().filter((text) => text.includes(' of the shop'))
    await until('all of them', () => ours().length >= count)
    expect(ours()).toHaveLength(count)
    expect(new Set(ours().map((text) => /line \d+/.exec(text)?.[0])).size).toBe(count)
    expect(ours().every((text) => text.startsWith('<156>1 '))).toBe(true)
    if (isTls) expect(intake.recordChunks[0]!.peer).toEqual({ ip: '127.0.0.1', auth_id: 'client' })
  })
})
