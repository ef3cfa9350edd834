/** A thread of `flipAll`. */
import { parentPort, workerData } from 'node:worker_threads'
import { flip } from './flips.ts'

parentPort?.postMessage(await flip(workerData))
