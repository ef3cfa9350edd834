/**
 * dist/ for the published package: our sources in few files, and the data files that lie beside them. A start is mostly
 * the reading of modules, and what is read stays in memory: see docs/decisions/019-small-at-rest.md.
 */
import { cpSync, globSync, rmSync } from 'node:fs'
import { rolldown } from 'rolldown'

/** Packages that every start loads, of which only a part is used: that part is taken in. All others stay where they are installed. */
const takenIn = ['yaml', 'zod']
const isOutside = (id: string) => /^[^./]/.test(id) && !takenIn.includes(id)

rmSync('dist', { recursive: true, force: true })
const bundle = await rolldown({
  input: {
    'cli/main': 'src/cli/main.ts',
    'normalise/worker': 'src/normalise/worker.ts',
    'parquet/worker': 'src/parquet/worker.ts',
  },
  platform: 'node',
  external: isOutside,
})
await bundle.write({
  dir: 'dist',
  // What several entries share lies at the top: src/own-files.ts counts on it.
  chunkFileNames: '[name]-[hash].js',
  // Comments and spaces go; names stay, for stack traces.
  minify: { mangle: false, compress: false, codegen: { removeWhitespace: true } },
})
await bundle.close()
for (const file of globSync('src/**/*.yaml')) cpSync(file, file.replace(/^src/, 'dist'))
