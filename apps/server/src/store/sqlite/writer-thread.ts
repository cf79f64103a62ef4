// The only thread that writes. Everything that has arrived when it looks shares one commit, and so one fsync;
// whatever arrives during the fsync shares the next. No reply leaves before the commit that holds its work.
import { channel } from 'node:diagnostics_channel'
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { Connection, toSqlError } from './connection.ts'
import type { StatementResult, WriterOptions, WriterReply, WriterRequest } from './messages.ts'

const { path, commitDelayMs } = workerData as WriterOptions
const port = parentPort as MessagePort
const connection = new Connection(path, { readOnly: false })
const jobsPerCommit = 512

let open = false
let replies: WriterReply[] = []
let interactive: number | undefined
let closing = false
/** What the units in the open transaction are about. */
let about: string[] = []
const committing = channel('parley:commit')
const sleeper = new Int32Array(new SharedArrayBuffer(4))

function enter(): void {
  if (!open) connection.exec('BEGIN IMMEDIATE')
  open = true
  connection.exec('SAVEPOINT job')
}

function undo(): void {
  connection.exec('ROLLBACK TO job')
  connection.exec('RELEASE job')
}

function runUnit(request: Extract<WriterRequest, { kind: 'unit' }>): WriterReply {
  try {
    enter()
    const results: StatementResult[] = []
    for (const statement of request.statements) {
      const result = connection.run(statement)
      if (statement.must === true && result.rows.length === 0 && result.changes === 0) {
        undo()
        return { kind: 'refused', id: request.id }
      }
      results.push(result)
    }
    connection.exec('RELEASE job')
    if (request.about !== undefined) about.push(...request.about)
    return { kind: 'done', id: request.id, results }
  } catch (error) {
    if (connection.database.isTransaction) undo()
    else open = false
    return { kind: 'failed', id: request.id, error: toSqlError(error) }
  }
}

function handle(request: WriterRequest): void {
  switch (request.kind) {
    case 'unit':
      replies.push(runUnit(request))
      return
    case 'begin':
      interactive = request.id
      try {
        enter()
        port.postMessage({ kind: 'step', id: request.id, step: -1, result: { rows: [], changes: 0 } } satisfies WriterReply)
      } catch (error) {
        interactive = undefined
        port.postMessage({ kind: 'step-failed', id: request.id, step: -1, error: toSqlError(error) } satisfies WriterReply)
      }
      return
    case 'step':
      try {
        const result = connection.run(request.statement)
        port.postMessage({ kind: 'step', id: request.id, step: request.step, result } satisfies WriterReply)
      } catch (error) {
        port.postMessage({
          kind: 'step-failed',
          id: request.id,
          step: request.step,
          error: toSqlError(error),
        } satisfies WriterReply)
      }
      return
    case 'commit':
      interactive = undefined
      connection.exec('RELEASE job')
      replies.push({ kind: 'done', id: request.id, results: [] })
      return
    case 'rollback':
      interactive = undefined
      undo()
      replies.push({ kind: 'done', id: request.id, results: [] })
      return
    case 'close':
      closing = true
  }
}

function commit(): void {
  let error: unknown
  if (open) {
    if (commitDelayMs > 0) Atomics.wait(sleeper, 0, 0, commitDelayMs)
    try {
      if (committing.hasSubscribers) committing.publish({ phase: 'before', about })
      connection.exec('COMMIT')
      if (committing.hasSubscribers) committing.publish({ phase: 'after', about })
    } catch (problem) {
      error = problem
      if (connection.database.isTransaction) connection.exec('ROLLBACK')
    }
    open = false
    about = []
  }
  for (const reply of replies) {
    const failed = error !== undefined && reply.kind === 'done'
    port.postMessage(failed ? ({ kind: 'failed', id: reply.id, error: toSqlError(error) } satisfies WriterReply) : reply)
  }
  replies = []
}

port.on('message', (first: WriterRequest) => {
  let request: WriterRequest | undefined = first
  while (request !== undefined) {
    handle(request)
    request = replies.length < jobsPerCommit ? (receiveMessageOnPort(port)?.message as WriterRequest | undefined) : undefined
  }
  // An interactive transaction lies inside the open one: its end will bring the commit.
  if (interactive === undefined) commit()
  if (closing) {
    connection.close()
    port.postMessage({ kind: 'closed' } satisfies WriterReply)
    port.close()
  }
})
