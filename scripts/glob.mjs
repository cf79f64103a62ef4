import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** Files below the given folders whose name matches, node_modules and dist left out; paths relative to root. */
export function globSync(root, folders, pattern) {
  const found = []
  const walk = (folder) => {
    if (!existsSync(join(root, folder))) return
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      if (['node_modules', 'dist', '.cache'].includes(entry.name)) continue
      const path = `${folder}/${entry.name}`
      if (entry.isDirectory()) walk(path)
      else if (pattern.test(entry.name)) found.push(path)
    }
  }
  for (const folder of folders) walk(folder)
  return found.sort()
}
