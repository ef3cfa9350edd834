/** The `s3` sink: one object a batch, under a name that only its events decide, written once. */
import type { Clock } from '../../clock.ts'
import type { Outcome, Sink } from '../sink.ts'
import { concealer } from '../transport/conceal.ts'
import type { S3SinkConfig } from './config.ts'
import { openCredentials } from './credentials.ts'
import { faultOf, judge } from './fault.ts'
import { openHandler, type RequestHandler } from './handler.ts'
import { createPartitioner } from './partition.ts'
import { type ObjectPlan, planObject, readPlan } from './plan.ts'
import { type ObjectStore, openStore } from './send.ts'

export interface S3SinkOptions {
  readonly name: string
  readonly config: S3SinkConfig
  readonly clock: Pick<Clock, 'now'>
}

export function createS3Sink({ name, config, clock }: S3SinkOptions): Sink {
  const credentials = openCredentials(name, config)
  const conceal = concealer(() => credentials.secrets())
  let handler: RequestHandler | undefined
  let store: ObjectStore | undefined

  /**
   * What is there already. Who may only write is told 403; then the condition decides, and writing says what is wrong
   * in words, which an answer to HEAD does not have.
   */
  const look = async (at: ObjectStore, plan: ObjectPlan, signal: AbortSignal) => {
    try {
      return await at.find(plan, signal)
    } catch (thrown) {
      const status = faultOf(thrown, conceal)?.status ?? 500
      if (config.conditional && status < 500 && status !== 429) return undefined
      throw thrown
    }
  }

  /**
   * Looks before it writes, even where the server is told to refuse: some do not know the condition, others forget it in
   * buckets with versions, and none of them says so.
   */
  const write = async (
    to: ObjectStore,
    plan: ObjectPlan,
    body: Buffer,
    signal: AbortSignal,
  ): Promise<Outcome> => {
    const before = await look(to, plan, signal)
    if (before !== undefined) return compare(plan, before)
    const inParts = body.length > config.multipart.threshold
    try {
      await to[inParts ? 'putInParts' : 'put'](plan, body, signal)
      return { kind: 'accepted' }
    } catch (thrown) {
      const fault = faultOf(thrown, conceal)
      if (fault?.status !== 412) throw thrown
      const there = await to.find(plan, signal)
      if (there !== undefined) return compare(plan, there)
      return { kind: 'later', reason: `${fault.code}, but there is no object at ${placeOf(plan)} any more` }
    }
  }

  return {
    name,
    type: 's3',
    target: `s3://${config.bucket}/${config.key}`,
    partition: createPartitioner(config),
    plans: 'body',
    plan: (batch) => planObject(batch, config, clock.now()),

    async start() {
      const { timeout, tls, proxy } = config
      handler = await openHandler({ sink: name, timeout, tls, proxy })
      store = await openStore({ config, credentials, handler })
    },

    async deliver(batch, signal) {
      if (store === undefined) return { kind: 'later', reason: 'the sink is not started' }
      try {
        const planned =
          batch.plan === undefined ? await planObject(batch, config, clock.now()) : readPlan(batch.plan)
        if (planned === undefined) {
          return {
            kind: 'held',
            reason: 'what was planned for this batch is none of an s3 sink',
            partition: true,
          }
        }
        const { detail, body } = planned
        const outcome = await write(store, detail, body, signal)
        // A server may answer before it has read to the end, and then the body is still in a socket.
        const copied = body.buffer !== batch.lines.buffer
        return outcome.kind === 'accepted' && copied ? { ...outcome, released: true } : outcome
      } catch (thrown) {
        const { outcome, doubtful } = judge(thrown, conceal)
        if (doubtful) store?.renew()
        return outcome
      }
    },

    async stop() {
      store = undefined
      await handler?.close()
      handler = undefined
    },
  }
}

const placeOf = ({ bucket, key }: ObjectPlan): string => `s3://${bucket}/${key}`

function compare(
  plan: ObjectPlan,
  there: { readonly size: number | undefined; readonly sha256: string | undefined },
): Outcome {
  if (there.sha256 === plan.sha256 && there.size === plan.size) return { kind: 'accepted' }
  const what =
    there.sha256 === undefined
      ? 'one that Affiant did not write'
      : `${there.size} bytes with SHA-256 ${there.sha256}, not ${plan.size} with ${plan.sha256}`
  return {
    kind: 'held',
    partition: true,
    reason: `another object is at ${placeOf(plan)}: ${what}. Nothing is overwritten: find out who wrote it, and move it away`,
  }
}
