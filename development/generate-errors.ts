/** docs/errors.md, from the one table that all errors come from. */
import { errorTable } from '../src/errors.ts'

const grpcNames: Readonly<Record<number, string>> = {
  3: 'INVALID_ARGUMENT',
  5: 'NOT_FOUND',
  8: 'RESOURCE_EXHAUSTED',
  12: 'UNIMPLEMENTED',
  13: 'INTERNAL',
  14: 'UNAVAILABLE',
  16: 'UNAUTHENTICATED',
}

export function renderErrorsReference(): string {
  const rows = Object.entries(errorTable).map(
    ([code, { summary, http, grpc, exit, retryable }]) =>
      `| \`${code}\` | ${summary} | ${http} | ${grpcNames[grpc] ?? grpc} | ${exit} | ${retryable ? 'yes' : 'no'} |`,
  )
  return `# Errors

Generated from src/errors.ts by \`npm run generate\`. "Again" says whether the same request can succeed later without
anybody changing it.

| code | meaning | HTTP | gRPC | exit | again |
|---|---|--:|---|--:|---|
${rows.join('\n')}
`
}
