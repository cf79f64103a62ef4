import { spawnSync } from 'node:child_process'
import { createReadStream, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync } from 'node:zlib'
import type { Browser } from 'playwright-core'
import { root } from '../lib/process.ts'

export interface Load {
  /** Bytes over the wire, bodies compressed as sent, until the page can be used. */
  usable: number
  /** The same until nothing more was asked for: with what is fetched ahead for the call. */
  settled: number
  requests: number
}

/** Load a page with an empty cache and count what comes over the wire (DevTools' encodedDataLength). */
export async function firstLoad(browser: Browser, url: string, button: string): Promise<Load> {
  const context = await browser.newContext({ locale: 'en-GB' })
  try {
    const page = await context.newPage()
    const devtools = await context.newCDPSession(page)
    let [bytes, requests] = [0, 0]
    await devtools.send('Network.enable')
    devtools.on('Network.loadingFinished', ({ encodedDataLength }) => {
      bytes += encodedDataLength
      requests += 1
    })
    await page.goto(url)
    await page.getByRole('button', { name: button, exact: true }).waitFor()
    const usable = bytes
    await page.waitForTimeout(3_000)
    await page.waitForLoadState('networkidle')
    return { usable, settled: bytes, requests }
  } finally {
    await context.close()
  }
}

/** Build the page of LiveKit's components as ours is built, and serve it compressed. */
export async function livekitExample(): Promise<{ url: string; close(): void }> {
  const folder = mkdtempSync(join(tmpdir(), 'parley-example-'))
  const vite = join(root, 'node_modules/vite/bin/vite.js')
  const source = join(root, 'bench/src/room/livekit-app')
  const config = join(folder, 'vite.config.mjs')
  const input = JSON.stringify(join(source, 'main.tsx'))
  writeFileSync(
    config,
    `export default { build: { manifest: true, target: 'es2022', modulePreload: { polyfill: false }, rolldownOptions: { input: ${input} } } }`,
  )
  const built = spawnSync(
    process.execPath,
    [vite, 'build', source, '--config', config, '--outDir', join(folder, 'dist'), '--emptyOutDir', '--logLevel', 'error'],
    { stdio: ['ignore', 2, 'inherit'] },
  )
  if (built.status !== 0) throw new Error('the example of LiveKit could not be built')
  const manifest = JSON.parse(readFileSync(join(folder, 'dist/.vite/manifest.json'), 'utf8')) as Record<
    string,
    { file: string; css?: string[]; isEntry?: boolean }
  >
  const entry = Object.values(manifest).find(({ isEntry }) => isEntry)!
  const links = (entry.css ?? []).map((name) => `<link rel="stylesheet" href="/${name}">`).join('')
  const html = `<!doctype html><html lang="en"><title>Example</title><link rel="icon" href="data:,">${links}<body><script type="module" src="/${entry.file}"></script>`
  const server = createServer((request, response) => {
    const path = join(folder, 'dist', new URL(request.url ?? '/', 'http://x').pathname)
    if (!/\/assets\/[^/]+$/.test(path) || !existsSync(path)) {
      response.writeHead(200, { 'content-type': 'text/html' }).end(html)
      return
    }
    const type = path.endsWith('.js') ? 'text/javascript' : path.endsWith('.css') ? 'text/css' : 'application/octet-stream'
    if (type.startsWith('text/')) {
      response.writeHead(200, { 'content-type': type, 'content-encoding': 'br' }).end(brotliCompressSync(readFileSync(path)))
    } else createReadStream(path).pipe(response.writeHead(200, { 'content-type': type }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}/`,
    close: () => {
      server.closeAllConnections()
      server.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
