/** The `s3` sink: one object a batch, of lines or of columns, under a name that only its events decide, written once. */
import type { Clock } from '../../clock.ts'
import type { DeliveryBatch, Outcome, Sink } from '../sink.ts'
import { concealer } from '../transport/conceal.ts'
import { type SharedBodies, unshared } from '../transport/shared-bodies.ts'
import type { S3SinkConfig } from './config.ts'
import { openCredentials } from './credentials.ts'
import { type BodyEncoder, createBodyEncoder } from './encode.ts'
import { faultOf, judge } from './fault.ts'
import { openHandler, type RequestHandler } from './handler.ts'
import { compare, noStore, placeOf, unseen } from './likeness.ts'
import { createPartitioner } from './partition.ts'
import { type ObjectPlan, type PlannedObject, planObject, readPlan } from './plan.ts'
import { type ObjectStore, openStore } from './send.ts'
import { Unanswered } from './unanswered.ts'

export interface S3SinkOptions {
  readonly name: string
  readonly config: S3SinkConfig
  readonly clock: Clock
  readonly bodies?: SharedBodies | undefined
}

export function createS3Sink({ name, config, clock, bodies }: S3SinkOptions): Sink {
  const credentials = openCredentials(name, config)
  let handler: RequestHandler | undefined
  const conceal = concealer(() => [...credentials.secrets(), handler?.sessionToken])
  let store: ObjectStore | undefined
  let encoder: BodyEncoder | undefined

  const { format, shape, compression, compression_level: level } = config
  // Lines as they are need no encoding.
  const share =
    format === 'ndjson' && shape === 'affiant' && compression === 'none'
      ? unshared
      : (bodies?.join(`s3 ${format} ${shape} ${compression} ${level}`) ?? unshared)

  const unanswered = new Unanswered(clock, config.timeout)

  const plan = async (batch: DeliveryBatch, before?: unknown) => {
    const open = encoder ?? createBodyEncoder(config)
    encoder = open
    const encode = () => share(batch, () => open.encode(batch))
    const planned = await planObject(batch, config, clock.now(), encode, before)
    if (before === undefined) unanswered.fresh(planned.detail.key)
    return planned
  }

  /**
   * What is there already. Who may only write is told 403; then the condition decides, and writing says what is wrong
   * in words, which an answer to HEAD does not have.
   */
  const look = async (at: ObjectStore, plan: ObjectPlan, signal: AbortSignal) => {
    try {
      return await at.find(plan, signal)
    } catch (thrown) {
      const status = faultOf(thrown, conceal)?.status ?? 500
      if (config.conditional && (status < 500 || status === 501) && status !== 429) return undefined
      throw thrown
    }
  }

  /** The server says that there is one: it counts once it has been seen to be the same. */
  const settle = async (
    at: ObjectStore,
    planned: PlannedObject,
    code: string,
    signal: AbortSignal,
  ): Promise<Outcome> => {
    const { detail } = planned
    try {
      const there = await at.find(detail, signal)
      if (there !== undefined) return await compare(planned, there, at, signal)
      return { kind: 'later', reason: `${code}, but there is no object at ${placeOf(detail)}` }
    } catch (thrown) {
      const status = faultOf(thrown, conceal)?.status ?? 500
      if (status < 500 && status !== 429) return unseen(detail, status)
      throw thrown
    }
  }

  /**
   * Looks before it writes, even where the server is told to refuse: some do not know the condition, others forget it in
   * buckets with versions, and none of them says so.
   */
  const write = async (to: ObjectStore, planned: PlannedObject, signal: AbortSignal): Promise<Outcome> => {
    const { detail, body } = planned
    let before = await look(to, detail, signal)
    if (before === undefined && (await unanswered.quiet(detail.key, signal))) {
      before = await look(to, detail, signal)
    }
    if (before !== undefined) return await compare(planned, before, to, signal)
    const inParts = body.length > config.multipart.threshold
    try {
      const isTaken = await to[inParts ? 'putInParts' : 'put'](detail, body, signal)
      unanswered.answered(detail.key)
      if (isTaken) return { kind: 'accepted' }
    } catch (thrown) {
      const fault = faultOf(thrown, conceal)
      if (fault === undefined || fault.status >= 500) unanswered.givenUp(detail.key)
      if (fault?.status !== 412) throw thrown
      return await settle(to, planned, fault.code, signal)
    }
    // A 200 of whom? It counts if the object is there.
    const there = await look(to, detail, signal)
    return there === undefined ? noStore(detail) : await compare(planned, there, to, signal)
  }

  return {
    name,
    type: 's3',
    target: `s3://${config.bucket}/${config.key}`,
    partition: createPartitioner(config),
    partitionUnder: (prefix) => createPartitioner(config, prefix),
    plans: 'body',
    plan,

    async start() {
      const { timeout, tls, proxy } = config
      handler = await openHandler({ sink: name, timeout, tls, proxy })
      store = await openStore({ config, credentials, handler, now: () => clock.now() })
    },

    async deliver(batch, signal) {
      if (store === undefined) return { kind: 'later', reason: 'the sink is not started' }
      try {
        const planned = batch.plan === undefined ? await plan(batch) : readPlan(batch.plan)
        if (planned === undefined) {
          return {
            kind: 'held',
            reason: 'what was planned for this batch is none of an s3 sink',
            partition: true,
          }
        }
        const { body } = planned
        const outcome = await write(store, planned, signal)
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
      await encoder?.close()
      encoder = undefined
    },
  }
}
