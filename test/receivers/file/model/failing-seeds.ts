/**
 * What the receiver's model test once failed on, always run first: the seed that found it, and the script that it was
 * shrunk to, which stays the same when scripts are made in another way. What it hung on has a script of few steps that
 * fails at once; some needed luck with the moment.
 */
import type { Script, Step } from './script.ts'

interface FailedOnce {
  readonly seed: number
  readonly found: string
  readonly script: Script
}

type Append = Extract<Step, { kind: 'append' }>

const append = (lines: number, width: number): Append => ({
  kind: 'append',
  log: 0,
  lines,
  width,
  unfinished: false,
})
const copytruncate: Step = { kind: 'copytruncate', log: 0 }
const ownHeader: Step = { kind: 'header', log: 0, shared: false }
const rename = { kind: 'rename', log: 0, create: true, late: true } as const
const notified = { logs: 1, matchesRotated: false, names: 'shifted', watch: 'notify' } as const
const polled = { logs: 1, matchesRotated: true, names: 'shifted', watch: 'poll' } as const

export const failingSeeds: readonly FailedOnce[] = [
  {
    seed: 2000,
    found: 'what was seen of the generation after a truncation counted as lost from the one before it',
    script: { settings: notified, steps: [copytruncate, append(1, 1_500), { kind: 'wait' }, copytruncate] },
  },
  {
    seed: 3001,
    found: 'a copy was not found, since another search came to follow it at that moment: a gap that was none',
    script: {
      settings: notified,
      steps: [append(2, 12), { kind: 'wait' }, copytruncate, append(1, 12), rename, append(1, 12)],
    },
  },
  {
    seed: 2001,
    found: 'nothing has the name at the start, and what comes to have it is copied and truncated unseen',
    script: {
      settings: notified,
      steps: [
        { ...rename, create: false },
        { kind: 'stop' },
        { kind: 'start' },
        append(1, 12),
        copytruncate,
        append(3, 300),
      ],
    },
  },
  {
    seed: 8001,
    found: 'an empty copy waits for its turn, is not told that it has come, and keeps all behind it waiting',
    script: {
      settings: polled,
      steps: [copytruncate, copytruncate, { kind: 'replace', log: 0, lines: 1 }, append(1, 12)],
    },
  },
  {
    seed: 8001,
    found: 'a new file with the first line of the one before it was taken for a piece of that',
    script: {
      settings: notified,
      steps: [
        ownHeader,
        { kind: 'delete', log: 0 },
        append(1, 300),
        { kind: 'replace', log: 0, lines: 1 },
        { kind: 'pause', ms: 0 },
      ],
    },
  },
  {
    seed: 8000,
    found: 'long lines that end alike: a file was taken for a copy of another one, and its stream went back',
    script: {
      settings: notified,
      steps: [
        ownHeader,
        copytruncate,
        { kind: 'stop' },
        { kind: 'pause', ms: 30 },
        append(1, 12),
        copytruncate,
        { kind: 'start' },
        append(2, 12),
        copytruncate,
        append(3, 1_500),
        rename,
        append(2, 1_500),
        { kind: 'compress', log: 0 },
      ],
    },
  },
  {
    seed: 20261123,
    found:
      'a compressed generation that nobody had read got the inode of a deleted file, and was taken for that',
    script: {
      settings: { logs: 2, matchesRotated: false, names: 'shifted', watch: 'notify' },
      steps: [
        { kind: 'rename', log: 0, create: false, late: false },
        append(1, 12),
        copytruncate,
        { kind: 'crash' },
        { kind: 'delete', log: 1 },
        { kind: 'compress', log: 0 },
        { kind: 'rename', log: 0, create: false, late: false },
      ],
    },
  },
  {
    seed: 20261130,
    found:
      'copied and truncated when it was opened and not read: the copy became a stream of its own, and all of it a gap',
    script: {
      settings: { ...notified, matchesRotated: true },
      steps: [
        { kind: 'crash' },
        { kind: 'rename', log: 0, create: false, late: false },
        append(1, 12),
        { kind: 'start' },
        copytruncate,
      ],
    },
  },
  {
    seed: 20261130,
    found:
      'the same, and renamed at once: the copy was not known by its name, which the file itself had by then',
    script: {
      settings: { ...notified, matchesRotated: true },
      steps: [
        { kind: 'replace', log: 0, lines: 1 },
        { kind: 'crash' },
        { kind: 'start' },
        copytruncate,
        { kind: 'rename', log: 0, create: false, late: false },
        append(1, 12),
      ],
    },
  },
  {
    seed: 20261130,
    found:
      'a copy was held against what was read up to then, and what had come of it meanwhile was missing in it',
    script: {
      settings: { ...notified, logs: 3, matchesRotated: true },
      steps: [
        { ...append(1, 1_500), log: 1 },
        { ...append(1, 1_500), unfinished: true },
        copytruncate,
        { kind: 'pause', ms: 0 },
        { kind: 'rename', log: 0, create: false, late: false },
        { kind: 'copytruncate', log: 1 },
        append(1, 12),
      ],
    },
  },
  {
    seed: 4711,
    found:
      'of the present line there was so little that it began the one that came and went before it: not looked for',
    script: {
      settings: notified,
      steps: [
        copytruncate,
        append(1, 12),
        copytruncate,
        { ...append(1, 12), unfinished: true },
        { kind: 'wait' },
        { kind: 'stop' },
      ],
    },
  },
  {
    seed: 881,
    found:
      'a stream went on in a copy while a compressed form was held against its file, and that was read as well',
    script: {
      settings: { ...notified, matchesRotated: true },
      steps: [
        copytruncate,
        { kind: 'start' },
        { kind: 'compress', log: 0 },
        { kind: 'pause', ms: 0 },
        { kind: 'truncate', log: 0 },
        { kind: 'delete', log: 0 },
        { kind: 'pause', ms: 2 },
        { kind: 'replace', log: 0, lines: 2 },
      ],
    },
  },
  {
    seed: 881,
    found:
      'a size from before the first line was read was that of the generation before it: a gap that was none',
    script: {
      settings: notified,
      steps: [
        { kind: 'rename', log: 0, create: false, late: false },
        { kind: 'crash' },
        append(1, 1_500),
        { kind: 'start' },
        copytruncate,
        append(1, 12),
        { kind: 'wait' },
        copytruncate,
        append(3, 300),
      ],
    },
  },
  {
    seed: 20261130,
    found:
      'its stream had ended, nothing had the name at the start, and what was rotated from it was not looked for',
    script: {
      settings: { ...notified, logs: 2 },
      steps: [
        { kind: 'truncate', log: 0 },
        { kind: 'rename', log: 0, create: false, late: false },
        { ...append(1, 12), log: 1 },
        { kind: 'stop' },
        append(1, 12),
        { kind: 'rename', log: 0, create: false, late: false },
        { kind: 'compress', log: 0 },
      ],
    },
  },
  {
    seed: 4711,
    found: 'truncated, and as long again with a line that ended like the one before: nobody noticed',
    script: {
      settings: notified,
      steps: [{ kind: 'delete', log: 0 }, ownHeader, append(1, 300), copytruncate, append(1, 300)],
    },
  },
  {
    seed: 20261130,
    found: 'truncated and as long again between two looks, where nothing notifies: its size told nobody',
    script: {
      settings: { ...notified, watch: 'poll' },
      steps: [rename, append(4, 60), { kind: 'delete', log: 0 }, { kind: 'truncate', log: 0 }, append(4, 60)],
    },
  },
  {
    seed: 20261130,
    found:
      'a compressed generation that nobody had read began and ended like the one before it, and waited for its end',
    script: {
      settings: { ...notified, names: 'dated', watch: 'poll' },
      steps: [
        copytruncate,
        ownHeader,
        append(6, 1_500),
        rename,
        { kind: 'stop' },
        append(1, 1_500),
        rename,
        { kind: 'compress', log: 0 },
      ],
    },
  },
  {
    seed: 811767667,
    found:
      'a compressed file got the inode of a deleted one that began alike, and its plain form was taken for the rest',
    script: {
      settings: { ...polled, names: 'dated' },
      steps: [
        ownHeader,
        { kind: 'delete', log: 0 },
        append(1, 300),
        { kind: 'replace', log: 0, lines: 3 },
        copytruncate,
        { kind: 'stop' },
        { kind: 'compress', log: 0 },
        { kind: 'start' },
      ],
    },
  },
  {
    seed: 70131623,
    found:
      'truncated when only its first line was known: a compressed generation with the same one was its copy',
    script: {
      settings: { ...notified, matchesRotated: true },
      steps: [
        rename,
        ownHeader,
        { kind: 'crash' },
        append(1, 12),
        rename,
        { kind: 'compress', log: 0 },
        append(1, 12),
        { kind: 'start' },
        copytruncate,
      ],
    },
  },
]
