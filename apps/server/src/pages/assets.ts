import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The application built from apps/web: what a page must load. */
export interface Assets {
  script: string
  styles: string[]
}

interface ManifestEntry {
  file: string
  css?: string[]
  isEntry?: boolean
}

// By name and not by path: in the checkout it is a workspace, elsewhere an installed package.
export const distFolder = fileURLToPath(new URL('dist', import.meta.resolve('@parley/web/package.json')))
const entryName = 'src/main.tsx'

/** Read Vite's manifest. Undefined when the pages have not been built (`npm start` builds them). */
export function readAssets(folder = distFolder): Assets | undefined {
  const path = join(folder, '.vite', 'manifest.json')
  if (!existsSync(path)) return undefined
  const entry = (JSON.parse(readFileSync(path, 'utf8')) as Record<string, ManifestEntry>)[entryName]
  return entry && { script: `/${entry.file}`, styles: (entry.css ?? []).map((file) => `/${file}`) }
}
