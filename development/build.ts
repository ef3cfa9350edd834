// dist/ for the published package: compiled sources, and the data files that lie beside them.
import { execFileSync } from 'node:child_process'
import { cpSync, globSync, rmSync } from 'node:fs'

rmSync('dist', { recursive: true, force: true })
execFileSync('node_modules/.bin/tsc', ['-p', 'tsconfig.build.json'], { stdio: 'inherit' })
for (const file of globSync('src/**/*.yaml')) cpSync(file, file.replace(/^src/, 'dist'))
