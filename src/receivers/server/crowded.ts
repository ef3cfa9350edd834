/**
 * A message that carries a record, and has so much beside it that to read that would hold everything else up: a CloudEvent, a
 * Splunk event. Those that are sent have some dozens of short members there.
 */
import type { TextRecord } from '../../event/record.ts'
import { membersIn } from './json-slices.ts'
import { large } from './read-object.ts'

const mostMembers = 1_000
const mostBeside = 256 * 1024

/** What stands for such a message, a JSON object, in place of what it carries: all of it. `carrying` names the members that the record is. */
export function crowdedRecord(text: string, carrying: readonly string[]): TextRecord | undefined {
  if (text.length <= large) return undefined
  let members = 0
  let beside = 0
  for (const [name, written] of membersIn(text)) {
    if (!carrying.includes(name)) beside += name.length + written.length
    if (++members > mostMembers || beside > mostBeside) return { text, unread }
  }
  return undefined
}

const unread = `not read: beside the record, it has more than ${mostMembers} members or ${mostBeside / 1024} KiB`
