// rsyslog forwards to the receiver, over TCP in both framings and over TLS with a client certificate. It runs as a process of its
// own, with its own configuration and directories, never as the system's.
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { blocksOf } from '../docs/blocks.ts'
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

/** What docs/receivers-syslog.md shows, for a receiver on this machine. */
function shown(info: string, port: number, files: Readonly<Record<string, string>> = {}): string {
  const block = blocksOf(info).find(({ page }) => page === 'docs/receivers-syslog.md')
  if (!block) throw new Error(`no block of ${info}`)
  const local = block.text
    .replace(/target="[^"]+"/, 'target="127.0.0.1"')
    .replace(/port="[^"]+"/, `port="${port}"`)
  return Object.entries(files).reduce((text, [path, file]) => {
    expect(text).toContain(path)
    return text.replace(path, file)
  }, local)
}

const omfwd = (port: number, options: string) =>
  `action(type="omfwd" target="127.0.0.1" port="${port}" protocol="tcp" ${template} ${options})`

/** Reads a file of lines, and forwards each. */
async function forward(directory: string, action: string): Promise<void> {
  const lines = join(directory, 'app.log')
  writeFileSync(lines, Array.from({ length: count }, (_, n) => `line ${n} of the shop\n`).join(''))
  const config = join(directory, 'rsyslog.conf')
  writeFileSync(
    config,
    [
      `global(workDirectory="${directory}")`,
      'module(load="imfile" mode="inotify")',
      `input(type="imfile" File="${lines}" Tag="shop:" Severity="warning" Facility="local3")`,
      action,
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

const scratch = () => {
  const directory = mkdtempSync(join(tmpdir(), 'affiant-rsyslog-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

type Listening = Awaited<ReturnType<typeof listening>>

async function arrived({ texts }: Listening): Promise<void> {
  const ours = () => texts().filter((text) => text.includes(' of the shop'))
  await until('all of them', () => ours().length >= count)
  expect(ours()).toHaveLength(count)
  expect(new Set(ours().map((text) => /line \d+/.exec(text)?.[0])).size).toBe(count)
  expect(ours().every((text) => text.startsWith('<156>1 '))).toBe(true)
}

async function overTls(directory: string) {
  const host = 'audit.example.com'
  const server = await makeCertificate(directory, host, { host: `DNS:${host}` })
  const client = await makeCertificate(directory, 'client')
  const receiver = await listening({
    tcp: {
      listen: '127.0.0.1:0',
      tls: { cert: server.cert, key: server.key, client_ca: client.cert },
    },
    udp: undefined,
  })
  return { server, client, receiver }
}

describe.skipIf(!hasRsyslog())('rsyslog', () => {
  test.each([
    ['newlines', 'TCP_Framing="traditional"'],
    ['lengths', 'TCP_Framing="octet-counted"'],
  ])('%s', async (_name, framing) => {
    const receiver = await listening({ udp: undefined })
    await forward(scratch(), omfwd(receiver.tcp, framing))
    await arrived(receiver)
  })

  test('TLS with newlines', async () => {
    const directory = scratch()
    const { server, client, receiver } = await overTls(directory)
    await forward(directory, omfwd(receiver.tcp, tls({ client, server })))
    await arrived(receiver)
    expect(receiver.intake.recordChunks[0]!.peer).toEqual({ ip: '127.0.0.1', auth_id: 'client' })
  })

  test('as the page shows it', async () => {
    const receiver = await listening({ udp: undefined })
    await forward(scratch(), shown('rsyslog', receiver.tcp))
    await arrived(receiver)
  })

  test('as the page shows it for TLS', async () => {
    const directory = scratch()
    const { server, client, receiver } = await overTls(directory)
    const files = {
      '/etc/rsyslog.d/affiant-ca.crt': server.cert,
      '/etc/rsyslog.d/host.crt': client.cert,
      '/etc/rsyslog.d/host.key': client.key,
    }
    await forward(directory, shown('rsyslog tls', receiver.tcp, files))
    await arrived(receiver)
    expect(receiver.intake.recordChunks[0]!.peer).toEqual({ ip: '127.0.0.1', auth_id: 'client' })
  })
})
