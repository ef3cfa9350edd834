export { createFileReceiver } from './receiver.ts'
