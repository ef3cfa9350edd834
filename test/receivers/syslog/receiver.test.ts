import { once } from 'node:events'
import type { Socket } from 'node:net'
import { connect } from 'node:tls'
import { expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../../src/clock.ts'
import { compileNormaliser } from '../../../src/normalise/normaliser.ts'
import type { ServerNotice } from '../../../src/receivers/server/notice.ts'
import { syslogReceiverConfig } from '../../../src/receivers/syslog/config.ts'
import { createMetrics } from '../../../src/telemetry/metrics.ts'
import { eventsOf, invalid, observed, spec } from '../../normalise/normalising.ts'
import { client, first, pem, second } from '../server/certificates.ts'
import { throughout, until } from '../until.ts'
import { connected, listening, sendTcp, sendUdp, write } from './listening.ts'

const anyPort = { listen: '127.0.0.1:0' }

test('messages by TCP and UDP, with who delivered them, each in a stream of its transport', async () => {
  const { tcp, udp, intake, texts, receiver } = await listening()
  expect(receiver.describe().what).toBe(`127.0.0.1:${tcp} syslog over TCP, 127.0.0.1:${udp} syslog over UDP`)
  await sendTcp(tcp, '8 <13>\n\n\na<13>b\r\n<13>c')
  await until('by TCP', () => texts().length === 3)
  await sendUdp(udp, ['<13>d\n\0', '', '<13>e'])
  await until('by UDP', () => texts().length === 5)
  expect(texts()).toEqual(['<13>\n\n\na', '<13>b', '<13>c', '<13>d', '<13>e'])
  expect(intake.recordChunks.every(({ peer }) => peer?.ip === '127.0.0.1')).toBe(true)
  expect(intake.opened.map(({ metadata }) => metadata)).toEqual([
    { protocol: 'syslog/tcp', listen: `127.0.0.1:${tcp}`, tls: false, authentication: 'none' },
    { protocol: 'syslog/udp', listen: `127.0.0.1:${udp}`, tls: false, authentication: 'none' },
  ])
})

test('what is no syslog, too long or no UTF-8 is an event each, and nothing is lost', async () => {
  const { tcp, udp, intake } = await listening({ max_message: '480B' })
  const long = `<13>1 - - - - - - ${'x'.repeat(1000)}`
  await sendTcp(
    tcp,
    Buffer.concat([Buffer.from(`hello\n${long}\n`), Buffer.from([0x3c, 0x31, 0x3e, 0xe9, 0x0a])]),
  )
  await until('by TCP', () => intake.receivedTexts.length === 3)
  await sendUdp(udp, [long])
  await until('by UDP', () => intake.receivedTexts.length === 4)
  const normaliser = compileNormaliser(spec({ preset: 'syslog' }))
  const events = intake.recordChunks.flatMap((chunk) => eventsOf(normaliser.records({ ...chunk, observed })))
  const oversize = {
    quality: { parse: 'failed', warnings: ['the record is over the size limit: 1018 bytes'] },
    raw: { size: 1018, truncated: true },
  }
  expect(events).toMatchObject([
    {
      quality: {
        parse: 'failed',
        warnings: ['no syslog: neither a priority nor a time stands at its beginning'],
      },
    },
    oversize,
    {
      message: 'é',
      quality: { warnings: expect.arrayContaining(['syslog: the message is not UTF-8, read as Latin-1']) },
    },
    oversize,
  ])
  expect(events.map(invalid)).toEqual([undefined, undefined, undefined, undefined])
  expect(events[1]!.raw).toEqual(events[3]!.raw)
})

test('what is read of a connection is committed before more is: its sender waits', async () => {
  const { tcp, intake, texts } = await listening()
  const socket = await connected(tcp)
  onTestFinished(() => void socket.destroy())
  intake.hold()
  const block = Buffer.from(`<13>${'x'.repeat(1019)}\n`.repeat(1024))
  let taken = 0
  const written = (async () => {
    for (let i = 0; i < 32; i++) {
      await write(socket, block)
      taken += 1
    }
  })()
  await until('a first commit', () => intake.pending > 0)
  // What the system and Node hold between the two is some mebibytes.
  await throughout('it waits', 200, () => intake.pending <= 1 && taken < 32)
  intake.relieve()
  await written
  await until('the rest', () => texts().length === 32 * 1024)
  expect(Math.max(...intake.recordChunks.map(({ records }) => records.length))).toBeLessThanOrEqual(1000)
})

test('all connections together hold so much: the others wait, and nothing of theirs is lost or out of order', async () => {
  const { tcp, intake, texts } = await listening({ max_in_flight: '1MiB', udp: undefined })
  const count = 40
  const each = 512
  // Opens the stream.
  await sendTcp(tcp, '<13>first\n')
  await until('the first', () => texts().length === 1)
  const sockets = await Promise.all(Array.from({ length: count }, () => connected(tcp)))
  onTestFinished(() => sockets.forEach((socket) => void socket.destroy()))
  intake.hold()
  const line = (sender: number, n: number) => `<13>${sender} ${n} ${'x'.repeat(1000)}`
  const written = sockets.map((socket, sender) =>
    write(socket, Array.from({ length: each }, (_, n) => `${line(sender, n)}\n`).join('')),
  )
  // Pieces have 64 KiB at most: 14 of them with what their messages cost are over the limit.
  await until('some are read', () => intake.pending > 10)
  await throughout('the others wait', 200, () => intake.pending <= 17)
  intake.relieve()
  await Promise.all(written)
  await until('all', () => texts().length === 1 + count * each)
  const bySender = Map.groupBy(texts().slice(1), (text) => Number(text.slice(4).split(' ')[0]))
  for (const [sender, got] of bySender)
    expect(got).toEqual(Array.from({ length: each }, (_, n) => line(sender, n)))
})

test('messages that never end do not keep others from being read: the one that stood still longest is cut', async () => {
  const notices: ServerNotice[] = []
  const metrics = createMetrics()
  const { tcp, texts, intake } = await listening(
    { max_in_flight: '2KiB', max_message: '480B', udp: undefined },
    { notices, metrics },
  )
  const sockets: Socket[] = []
  onTestFinished(() => sockets.forEach((socket) => void socket.destroy()))
  const begun = (n: number) => `<13>${n} ${'x'.repeat(400)}`
  for (let n = 0; n < 12; n++) {
    const socket = await connected(tcp)
    sockets.push(socket)
    await write(socket, begun(n))
  }
  await until('some are cut', () => texts().length >= 7)
  // Whoever is left may go on.
  for (const socket of sockets) {
    if (!socket.destroyed) socket.write(' end\n')
  }
  await until('all have come', () => texts().length === 12)
  const cut = intake.receivedTexts.filter(({ warnings }) => warnings)
  expect(cut.length).toBeGreaterThanOrEqual(7)
  for (const { text, warnings } of cut) {
    expect(text).toMatch(/^<13>\d+ x{400}$/)
    expect(warnings).toEqual(['syslog: the connection ended within the message'])
  }
  const numbers = texts().map((text) => Number(/^<13>(\d+) /.exec(text)?.[1]))
  expect(numbers.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 12 }, (_, n) => n))
  expect(notices).toHaveLength(cut.length)
  expect(notices[0]).toMatchObject({ kind: 'refused', reason: 'max_in_flight', ip: '127.0.0.1' })
  expect(await metrics.registry.metrics()).toContain(
    `affiant_receiver_refused_connections_total{receiver="hosts",reason="max_in_flight"} ${cut.length}`,
  )
})

test('what connections may hold is what the queue of UDP leaves, at least two messages', () => {
  const parse = (max_in_flight: string) =>
    syslogReceiverConfig.safeParse({
      type: 'syslog',
      udp: { ...anyPort, max_queue: '1MiB' },
      max_message: '64KiB',
      max_in_flight,
    })
  expect(parse('1MiB').error?.issues[0]).toMatchObject({ path: ['max_in_flight'] })
  expect(parse('1152KiB').success).toBe(true)
})

test('a message waits for a journal that fails, and for one that is full, and is taken once', async () => {
  const { tcp, intake, texts } = await listening()
  intake.refusal = new Error('the disk is away')
  const socket = await connected(tcp)
  onTestFinished(() => void socket.destroy())
  await write(socket, '<13>a\n<13>b\n')
  await throughout('nothing', 100, () => texts().length === 0)
  intake.press()
  intake.refusal = undefined
  await throughout('nothing', 100, () => texts().length === 0)
  intake.relieve()
  await until('both', () => texts().length === 2)
  expect(texts()).toEqual(['<13>a', '<13>b'])
})

test('what has arrived when the receiver stops is committed, a message that is not whole as well', async () => {
  const { tcp, texts, intake, receiver } = await listening()
  const socket = await connected(tcp)
  await write(socket, '<13>a\n')
  await until('one', () => texts().length === 1)
  await write(socket, '<13>b\n20 <13>c')
  await receiver.stop()
  expect(texts()).toEqual(['<13>a', '<13>b', '<13>c'])
  expect(intake.receivedTexts[2]!.warnings).toEqual(['syslog: the connection ended within the message'])
})

test('what cannot be kept at a stop is on record', async () => {
  const notices: ServerNotice[] = []
  const metrics = createMetrics()
  const { tcp, udp, intake, receiver } = await listening({}, { notices, metrics })
  await sendTcp(tcp, '<13>a\n')
  await sendUdp(udp, ['<13>b'])
  await until('both', () => intake.receivedTexts.length === 2)
  const socket = await connected(tcp)
  intake.refusal = new Error('the disk is away')
  await write(socket, '<13>c\n<13>d\n')
  await sendUdp(udp, ['<13>e'])
  await throughout('nothing', 50, () => intake.receivedTexts.length === 2)
  await receiver.stop()
  const at = (port: number) => ({
    kind: 'messages_lost',
    receiver: 'hosts',
    listen: `127.0.0.1:${port}`,
    reason: 'stopped',
  })
  expect(notices).toHaveLength(2)
  expect(notices).toEqual(
    expect.arrayContaining([
      { ...at(tcp), messages: 2 },
      { ...at(udp), messages: 1 },
    ]),
  )
  const text = await metrics.registry.metrics()
  expect(text).toContain('affiant_receiver_lost_total{receiver="hosts",reason="stopped"} 3')
})

test('datagrams that the queue does not hold are counted and told, and those that it holds are kept', async () => {
  const notices: ServerNotice[] = []
  const { udp, intake, texts, receiver } = await listening(
    { tcp: undefined, udp: { ...anyPort, max_queue: '64KiB' } },
    { notices },
  )
  await sendUdp(udp, ['<13>first'])
  await until('the first', () => texts().length === 1)
  intake.hold()
  const sent = 100
  for (let i = 0; i < sent; i++) await sendUdp(udp, [`<13>${String(i).padStart(3, '0')}${'x'.repeat(1000)}`])
  await until('a loss', () => notices.length > 0)
  intake.relieve()
  await until('the rest', () => texts().length > 40)
  await receiver.stop()
  const lost = notices.reduce((sum, notice) => sum + ('messages' in notice ? notice.messages : 0), 0)
  expect(notices[0]).toMatchObject({ kind: 'messages_lost', reason: 'queue_full' })
  expect(texts().length - 1 + lost).toBe(sent)
  // One at once, and the sum of the others at the end.
  expect(notices).toHaveLength(2)
})

test('connections beyond the most, and those on which nothing comes, are closed', async () => {
  const { tcp, texts } = await listening({ tcp: { ...anyPort, max_connections: 1, idle_timeout: '80ms' } })
  const socket = await connected(tcp)
  const second = await connected(tcp)
  second.resume()
  await once(second, 'close')
  // The last line has no end.
  await write(socket, '<13>a\n<13>b')
  socket.resume()
  await once(socket, 'close')
  await until('both', () => texts().length === 2)
  expect(texts()).toEqual(['<13>a', '<13>b'])
})

const tls = { cert: first.cert, key: first.key, client_ca: client.cert }

async function talk(port: number, pair: typeof client): Promise<void> {
  const shown = { cert: pem(pair.cert), key: pem(pair.key) }
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...shown })
  socket.on('error', () => {})
  socket.write('6 <13>ab')
  socket.end()
  socket.resume()
  await once(socket, 'close')
}

test('over TLS, with the name of the client certificate; a stranger is turned away', async () => {
  const notices: ServerNotice[] = []
  const { tcp, intake, texts, receiver } = await listening(
    { tcp: { ...anyPort, tls }, udp: undefined },
    { notices },
  )
  expect(receiver.describe().what).toBe(`127.0.0.1:${tcp} syslog over TLS`)
  await talk(tcp, second)
  await talk(tcp, client)
  await until('one', () => texts().length === 1)
  expect(texts()).toEqual(['<13>ab'])
  expect(intake.recordChunks[0]!.peer).toEqual({ ip: '127.0.0.1', auth_id: 'checkout' })
  expect(notices).toMatchObject([{ kind: 'refused', reason: 'certificate', ip: '127.0.0.1' }])
  expect(intake.opened[0]!.metadata).toMatchObject({ tls: true, authentication: 'certificate' })
})

test.each([
  ['known', 'checkout', [[{ type: 'host', id: 'web' }]], ['<13>ab']],
  ['not known', 'other', undefined, []],
])('over TLS, where the name of the certificate is %s', async (_what, name, scopes, expected) => {
  const notices: ServerNotice[] = []
  const certificate = [{ name, allow_scopes: ['host:web'] }]
  const { tcp, intake, texts } = await listening(
    { tcp: { ...anyPort, tls }, udp: undefined, auth: { certificate } },
    { notices },
  )
  await talk(tcp, client)
  await until('word', () => texts().length + notices.length > 0)
  expect(texts()).toEqual(expected)
  const peers = intake.recordChunks.map(({ peer }) => peer)
  expect(peers).toEqual(scopes ? [{ ip: '127.0.0.1', auth_id: name, scopes }] : [])
  const reason = 'the name of the client certificate is not known: checkout'
  expect(notices).toEqual(
    scopes ? [] : [{ kind: 'unauthenticated', receiver: 'hosts', ip: '127.0.0.1', reason }],
  )
})

test('a connection that sends without a pause does not keep the receiver from stopping', async () => {
  const { tcp, texts, receiver } = await listening()
  const socket = await connected(tcp)
  const block = '<13>x\n'.repeat(1000)
  const sending = (async () => {
    // Until it fails.
    for (;;) await write(socket, block)
  })().catch(() => {})
  await until('some', () => texts().length > 1000)
  const from = systemClock.monotonic()
  await receiver.stop()
  expect(systemClock.monotonic() - from).toBeLessThan(8_000)
  await sending
})
