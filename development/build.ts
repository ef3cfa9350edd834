/**
 * dist/ for the published package: our sources in few files, and the data files that lie beside them. A start is mostly
 * the reading of modules, and what is read stays in memory: see bench/README.md. Packages stay outside, as they are
 * installed: what an audit or an update of a dependency says is true of what runs.
 */
import { cpSync, globSync, rmSync } from 'node:fs'
import { rolldown } from 'rolldown'

rmSync('dist', { recursive: true, force: true })
const bundle = await rolldown({
  input: {
    'cli/main': 'src/cli/main.ts',
    'normalise/worker': 'src/normalise/worker.ts',
    'parquet/worker': 'src/parquet/worker.ts',
  },
  platform: 'node',
  external: /^[^./]/,
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
