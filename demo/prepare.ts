// `npm start` runs this first: the quick start follows a copy, so that the checkout stays clean.
import { constants, copyFileSync } from 'node:fs'

const sample = new URL('app-audit.sample.log', import.meta.url)
const followed = new URL('app-audit.log', import.meta.url)
try {
  copyFileSync(sample, followed, constants.COPYFILE_EXCL)
} catch (error) {
  if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
}
