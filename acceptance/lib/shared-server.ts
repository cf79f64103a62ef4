// The server that test files share: started by their runner, ended when its standard input ends.
import { startServer } from './server.ts'

const server = await startServer()
server.child.stderr?.pipe(process.stderr)
console.log(JSON.stringify({ url: server.url, dataFolder: server.dataFolder }))
for await (const _ of process.stdin);
await server[Symbol.asyncDispose]()
