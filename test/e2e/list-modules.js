// Preloaded into an agent (`--import`): when it ends, writes the URLs of all modules it loaded to $LOADED_MODULES.
import { writeFileSync } from 'node:fs'
import { registerHooks } from 'node:module'

const loaded = []
registerHooks({
  load(url, context, next) {
    loaded.push(url)
    return next(url, context)
  },
})
const builtin = () => process.moduleLoadList.map((name) => name.replace(/^NativeModule /, 'node:'))
process.once('exit', () => writeFileSync(process.env.LOADED_MODULES, [...loaded, ...builtin()].join('\n')))
