/** What kind of client a user agent's text stands for, in `metadata.user_agent`; the text itself stays in `source`. */
import { createRequire } from 'node:module'
import { type Additions, type KeyedEnricher, nothingToAdd } from './contract.ts'
import { remember } from './remember.ts'

export interface UserAgentSpec {
  /** The member that holds the text. */
  readonly key: string
}

/** A longer text is not looked at: nothing real is, and what is matched with patterns should not be endless. */
const longest = 1024
/** Browsers all say so; and what isn't one begins with its own name. RFC 9110, section 10.1.5. */
const browserLike = /^(?:Mozilla|Opera)\//
const firstProduct = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+)(?:\/([^\s;()]+))?/
const member = 'metadata.user_agent'
const path = member.split('.')

/** Loaded where it is used. */
const load = createRequire(import.meta.url)

export function userAgentEnricher({ key }: UserAgentSpec): KeyedEnricher {
  const { parse }: typeof import('bowser') = load('bowser')
  return {
    kind: 'user_agent',
    reads: 'member',
    key,
    sets: [member],
    version: 0,
    additionsFor: remember((text) => additionsOf(text, parse)),
  }
}

function additionsOf(text: string, parse: typeof import('bowser').parse): Additions {
  if (text === '' || text.length > longest) return nothingToAdd
  const { browser, os, platform } = parse(text)
  const product = browserLike.test(text) ? null : firstProduct.exec(text)
  const members = {
    name: product?.[1] ?? browser.name,
    os: os.name,
    os_version: os.versionName ?? os.version,
    // What is no browser says nothing of the kind: a command line runs on servers, too.
    platform: product === null || platform.type === 'bot' ? platform.type : undefined,
    version: product === null ? browser.version : product[2],
  }
  const known = Object.entries(members).filter(([, value]) => value !== undefined && value !== '')
  return known.length === 0
    ? nothingToAdd
    : [{ member, path, value: Object.freeze(Object.fromEntries(known)) }]
}
