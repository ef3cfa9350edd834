/**
 * What only trying shows of listeners is tried beside those that run: files of certificates and keys are read, and addresses
 * listened on for a moment. So what cannot start is refused before anything is stopped for it.
 */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, isIPv6 } from 'node:net'
import type { Address } from '../config/values.ts'
import { ProofKeys } from '../receivers/otlp/audit/keys.ts'
import { listenError } from '../receivers/server/listen-error.ts'
import { checkTlsFiles, readTlsFiles } from '../receivers/server/tls-files.ts'
import type { AgentConfig } from './config.ts'
import { type Listening, listening } from './listening.ts'
import { isSameReceiver, recipeOf } from './receiver-recipe.ts'

interface Tried {
  readonly who: string
  readonly address: Address
  /** Where it stands. */
  readonly setting: string
  readonly transport?: Listening['transport']
}

/** @throws AffiantError address_in_use, config_invalid, config_unreadable */
export async function tryListeners(from: AgentConfig, to: AgentConfig): Promise<void> {
  const starting = Object.keys(to.receivers).filter((name) => {
    const before = Object.hasOwn(from.receivers, name)
    return !before || !isSameReceiver(recipeOf(name, from), recipeOf(name, to))
  })
  for (const name of starting) await tryFiles(name, to)
  // A port of the agent's own is not free before its listener has gone, and then it is.
  const own = listenersOf(from, Object.keys(from.receivers))
  for (const each of listenersOf(to, starting)) {
    const { transport, address } = each
    if (own.some((one) => one.transport === transport && one.address.port === address.port)) continue
    await tryAddress(each)
  }
}

function listenersOf({ receivers, telemetry }: AgentConfig, names: readonly string[]): Tried[] {
  const found = names.flatMap((name) =>
    listening(receivers[name]).map(({ path, address, transport }) => ({
      who: `receiver ${name}`,
      address,
      setting: ['receivers', name, ...path].join('.'),
      ...(transport && { transport }),
    })),
  )
  return [...found, { who: 'telemetry', address: telemetry.listen, setting: 'telemetry.listen' }]
}

async function tryFiles(name: string, { receivers }: AgentConfig): Promise<void> {
  const config = receivers[name]
  for (const { path, tls } of listening(config)) {
    if (tls === undefined) continue
    const place = ['receivers', name, ...path.slice(0, -1), 'tls'].join('.')
    checkTlsFiles(await readTlsFiles(tls, place), tls, place)
  }
  if (config?.type === 'otlp_audit') await ProofKeys.read(config.keys, `receivers.${name}.keys`)
}

async function tryAddress({ who, address, setting, transport }: Tried): Promise<void> {
  try {
    await (transport === 'udp' ? tryUdp(address) : tryTcp(address))
  } catch (thrown) {
    throw listenError({ who, listen: address, setting }, thrown)
  }
}

async function tryTcp({ host, port }: Address): Promise<void> {
  const server = createServer((socket) => socket.destroy())
  server.listen({ host, port })
  await once(server, 'listening')
  const closed = once(server, 'close')
  server.close()
  await closed
}

async function tryUdp({ host, port }: Address): Promise<void> {
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4')
  try {
    const bound = once(socket, 'listening')
    socket.bind(port, host)
    await bound
  } finally {
    socket.close()
  }
}
