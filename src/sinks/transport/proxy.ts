/** Which proxy leads to a destination: the sink's own, or what the environment says, read as curl and Go read it. */
import { BlockList, isIP } from 'node:net'
import { AffiantError } from '../../errors.ts'

export interface ProxyOptions {
  /** Its name, for messages. */
  readonly sink: string
  /** Where requests go. */
  readonly url: string
  /** As `proxyConfig` gives it. */
  readonly proxy: string | undefined
  readonly env: Readonly<Record<string, string | undefined>>
}

/**
 * Undefined where requests go straight.
 * @throws AffiantError where a variable names no proxy
 */
export function proxyFor({ sink, url, proxy, env }: ProxyOptions): URL | undefined {
  if (proxy === 'none') return undefined
  if (proxy !== undefined) return new URL(proxy)
  const { protocol } = new URL(url)
  const name = protocol === 'https:' ? 'https_proxy' : 'http_proxy'
  const said = env[name] || env[name.toUpperCase()]
  if (!said || isExcepted(url, env.no_proxy || env.NO_PROXY || '')) return undefined
  try {
    // `proxy:3128` is how many write it.
    const found = new URL(said.includes('://') ? said : `http://${said}`)
    if (found.protocol === 'http:' || found.protocol === 'https:') return found
  } catch {
    // Said below, without the text: it may have a password in it.
  }
  throw new AffiantError('config_invalid', `sink ${sink}: ${name} of the environment is no proxy`, {
    hint: `as in ${name}=http://proxy.example:3128, or \`proxy: none\` at the sink`,
  })
}

/** Whether `NO_PROXY` names this destination: `*`, host names (with all below them), addresses, ranges, with a port or without. */
function isExcepted(url: string, list: string): boolean {
  const { hostname, port, protocol } = new URL(url)
  const host = hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '')
  const at = port === '' ? (protocol === 'https:' ? '443' : '80') : port
  return list
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => {
      if (entry === '*') return true
      if (entry.includes('/')) return isInRange(host, entry)
      const { name, only } = splitPort(entry)
      if (only !== undefined && only !== at) return false
      const bare = name.toLowerCase().replace(/^\*?\./, '')
      return host === bare || (isIP(host) === 0 && host.endsWith(`.${bare}`))
    })
}

function splitPort(entry: string): { name: string; only: string | undefined } {
  const bracketed = /^\[(?<name>[^\]]+)\](?::(?<only>\d+))?$/.exec(entry)?.groups
  if (bracketed) return { name: bracketed.name!, only: bracketed.only }
  const plain = isIP(entry) === 0 ? /^(?<name>[^:]+):(?<only>\d+)$/.exec(entry)?.groups : undefined
  return plain ? { name: plain.name!, only: plain.only } : { name: entry, only: undefined }
}

/** `10.0.0.0/8`, of addresses only: names are not looked up for this. */
function isInRange(host: string, range: string): boolean {
  const [network = '', prefix = ''] = range.split('/')
  const family = isIP(network)
  if (family === 0 || family !== isIP(host) || !/^\d+$/.test(prefix)) return false
  if (Number(prefix) > (family === 4 ? 32 : 128)) return false
  const kind = family === 4 ? 'ipv4' : 'ipv6'
  const block = new BlockList()
  block.addSubnet(network, Number(prefix), kind)
  return block.check(host, kind)
}
