/** An engine of others, which reads files of Parquet as tables. */
import { DuckDBInstance } from '@duckdb/node-api'

export interface Engine extends Disposable {
  /** Rows of plain values; what JSON has no number for is text. */
  rows(sql: string): Promise<Record<string, unknown>[]>
}

export async function openEngine(): Promise<Engine> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' })
  const connection = await instance.connect()
  await connection.run(`set timezone = 'UTC'`)
  return {
    rows: async (sql) => (await connection.runAndReadAll(sql)).getRowObjectsJson(),
    [Symbol.dispose]() {
      connection.closeSync()
      instance.closeSync()
    },
  }
}
