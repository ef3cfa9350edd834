/** What an API server sends: the lines of a watch in pieces of any size, and pods with members of any type. */
import { jsonLines } from '../../src/receivers/kubernetes/api/json-lines.ts'
import { isObject } from '../../src/receivers/kubernetes/api/received.ts'
import { readPod } from '../../src/receivers/kubernetes/pods/pod.ts'
import { selectorProblem } from '../../src/receivers/kubernetes/selection/selector.ts'
import type { FuzzTarget } from './target.ts'

const longest = 4_096
const reading = { labels: () => true, annotations: () => true, keepsAnnotation: () => true }

async function* pieces(content: Buffer, cut: number): AsyncGenerator<Uint8Array> {
  for (let at = 0, n = cut; at < content.length; n++) {
    const size = 1 + ((n * 31 + cut) % 97)
    yield content.subarray(at, at + size)
    at += size
  }
}

/** Values up to the first fault, however the bytes are cut. */
async function valuesOf(content: Buffer, cut: number): Promise<unknown[]> {
  const found: unknown[] = []
  try {
    for await (const value of jsonLines(pieces(content, cut), longest)) found.push(value)
  } catch {
    // The input's fault.
  }
  return found
}

const pod = {
  metadata: {
    name: 'web-6b7c-x',
    namespace: 'shop',
    uid: 'u',
    creationTimestamp: '2026-11-30T10:00:00Z',
    labels: { 'pod-template-hash': '6b7c' },
    annotations: { 'kubernetes.io/config.hash': 'a' },
    ownerReferences: [{ kind: 'ReplicaSet', name: 'web-6b7c', controller: true }],
  },
  spec: { containers: [{ name: 'app', image: 'i' }], nodeName: 'n', hostNetwork: true },
  status: { containerStatuses: [{ name: 'app', containerID: 'containerd://1', lastState: {} }] },
}
const line = (value: unknown) => `${JSON.stringify(value)}\n`

export const pods: FuzzTarget = {
  corpus: [
    Buffer.from(`\0${line({ type: 'ADDED', object: pod })}${line({ type: 'BOOKMARK', object: {} })}`),
    Buffer.from(`\x07${line({ type: 'ERROR', object: { code: 410, reason: 'Expired' } })}app in (a, b),!c\n`),
  ],
  async check(bytes) {
    const [cut = 0] = bytes
    const content = bytes.subarray(1)
    const values = await valuesOf(content, cut)
    const others = await valuesOf(content, cut + 13)
    if (JSON.stringify(values) !== JSON.stringify(others))
      throw new Error('how the bytes are cut decides what they say')
    for (const value of values) {
      const { object = value } = isObject(value) ? value : {}
      if (!isObject(object)) continue
      const read = readPod(object, reading)
      if (
        read !== undefined &&
        JSON.stringify(JSON.parse(JSON.stringify(read.facts))) !== JSON.stringify(read.facts)
      )
        throw new Error('facts are no plain JSON')
    }
    selectorProblem(content.toString('latin1'))
  },
}
